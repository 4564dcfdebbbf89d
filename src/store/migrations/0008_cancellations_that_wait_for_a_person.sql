-- Answers to requests that TikTok does not take from here: a person answers them.
ALTER TABLE cancellations ADD COLUMN refused_at INTEGER;
ALTER TABLE cancellations ADD COLUMN refused_because TEXT;
UPDATE cancellations SET
    refused_at = (SELECT raised_at FROM flags WHERE order_id = cancellations.order_id AND detail = 'answer_refused'),
    refused_because = (SELECT 'refused before' FROM flags WHERE order_id = cancellations.order_id AND detail = 'answer_refused')
WHERE answer IS NULL;

-- Orders of which it is not clear whether they are to be cancelled, as TikTok's cancellations said when they could last be read.
CREATE TABLE cancellation_doubts (
    order_id     TEXT PRIMARY KEY,
    detail       TEXT NOT NULL,
    message      TEXT NOT NULL,
    next_command TEXT NOT NULL
) STRICT;
INSERT OR IGNORE INTO cancellation_doubts (order_id, detail, message, next_command)
    SELECT order_id, detail, message, next_command FROM flags WHERE detail IN ('request_unreadable', 'seller_cancels');
