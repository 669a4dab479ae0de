package io.openclaw.jmh;

/**
 * A limiter to be measured: how it makes a bucket, and how it is asked for one token.
 *
 * <p>Thread-safe. In each measured JVM only one implementation is loaded, so calls are inlined.
 *
 * @param <B> a bucket of one key
 */
interface Peer<B> {
  /** The rate of a bucket that admits whatever one machine can ask, in tokens per second. */
  int GENEROUS_RATE = 100_000_000;

  /** How long a bucket that does not admit takes to earn one token. */
  int SPENT_SECONDS = 1000;

  /**
   * A new bucket.
   *
   * @param generous whether it always admits; otherwise it holds about one token and earns another
   *     in {@link #SPENT_SECONDS}
   */
  B bucket(String id, boolean generous);

  /**
   * Asks for one token.
   *
   * @param caller the thread that asks
   * @return all that the limiter tells its caller, so that making it is measured too
   */
  Object decide(B bucket, KeySequence caller);

  /** Whether an answer of {@link #decide} says yes. */
  default boolean admitted(Object decision) {
    return (Boolean) decision;
  }

  /** The peer of that name. */
  static Peer<?> named(String name) {
    return switch (name) {
      case "openclaw" -> new OpenClawPeer();
      case "bucket4j" -> new Bucket4jPeer(false);
      case "bucket4j-nanos" -> new Bucket4jPeer(true);
      case "resilience4j" -> new Resilience4jPeer();
      case "guava" -> new GuavaPeer();
      default ->
          throw new IllegalArgumentException(
              "limiter: "
                  + name
                  + " (expected: openclaw, bucket4j, bucket4j-nanos, resilience4j or guava)");
    };
  }
}
