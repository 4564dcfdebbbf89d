-- Every sealed value is sealed anew, for its place (`store::sealed`). The schema stays as it is.
SELECT 1;
