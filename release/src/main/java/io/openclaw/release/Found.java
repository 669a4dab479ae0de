package io.openclaw.release;

/** What a store has under a name: the whole thing, nothing, or something that is not it. */
public sealed interface Found<T> {
  /** It is there, and its digest and signature are right. */
  record Whole<T>(T value) implements Found<T> {}

  /**
   * It is not there.
   *
   * @param what its name
   */
  record Missing<T>(String what) implements Found<T> {}

  /**
   * What is there is not what was stored.
   *
   * @param what its name
   * @param why how that shows
   */
  record Corrupt<T>(String what, String why) implements Found<T> {}

  /** Why there is no value, for a message; empty where there is one. */
  default String fault() {
    return switch (this) {
      case Whole<T> w -> "";
      case Missing<T> missing -> missing.what() + " is missing";
      case Corrupt<T> corrupt -> corrupt.what() + " is corrupt: " + corrupt.why();
    };
  }
}
