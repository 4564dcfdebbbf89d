"use strict";
(() => {
  const every = 20000;
  const isBusy = () => document.hidden || String(getSelection()) !== ""
    || ["header", "main"].some((name) => document.querySelector(name).contains(document.activeElement) && document.activeElement.id !== "main");
  setInterval(async () => {
    if (isBusy()) return;
    try {
      const answer = await fetch(location.href);
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (isBusy()) return;
      for (const name of ["header", "main"]) {
        const fresh = page.querySelector(name);
        if (fresh) document.querySelector(name).replaceWith(fresh);
      }
    } catch {
      // The page that is there stays; the next round tries again.
    }
  }, every);
})();
