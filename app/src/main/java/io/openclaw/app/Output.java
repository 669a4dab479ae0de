package io.openclaw.app;

/** How a command answers: for a person, or one JSON line. */
enum Output {
  TEXT,
  JSON
}
