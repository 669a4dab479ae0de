package io.openclaw.bench;

/** How a request ended. */
sealed interface Outcome {
  /** A complete answer with this status, 200 to 999. */
  record Answered(int status) implements Outcome {}

  /** No complete answer. */
  record Failed(ErrorKind kind) implements Outcome {}

  /** Still under way when the run was stopped by hand: perhaps received, perhaps not. */
  record Aborted() implements Outcome {}
}
