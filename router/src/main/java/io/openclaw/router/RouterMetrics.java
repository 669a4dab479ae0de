package io.openclaw.router;

/**
 * What the router counts. Called on event loops: implementations are thread-safe and do not block.
 */
public interface RouterMetrics {
  /** The region of a request that the router itself answered. */
  String NO_REGION = "none";

  /** The status of a request whose client went away before its answer. */
  int CLIENT_GONE = 499;

  /** The status of a request whose region sent no more in the middle of its answer. */
  int STALLED = 504;

  /** Counts nothing. */
  RouterMetrics NONE =
      new RouterMetrics() {
        @Override
        public void request(String region, int status, long latencyNanos) {}

        @Override
        public void retry(RetryReason reason) {}

        @Override
        public void diverted(DivertReason reason) {}

        @Override
        public void ejected(String region, long detectedNanos) {}

        @Override
        public void restored(String region, boolean hardlyAway) {}

        @Override
        public void steady(long disturbedNanos) {}

        @Override
        public void connectionRefused() {}
      };

  /**
   * A request was answered.
   *
   * @param region whose answer it was, or {@link #NO_REGION}
   * @param status as the client saw it, {@link #CLIENT_GONE} or {@link #STALLED}
   * @param latencyNanos from the request's head to the end of its answer
   */
  void request(String region, int status, long latencyNanos);

  /** A request is about to be tried again. */
  void retry(RetryReason reason);

  /** A refused request is about to be tried in another region, as the one that refused it asked. */
  void diverted(DivertReason reason);

  /**
   * A region was taken out of service by failures or because it drains.
   *
   * @param detectedNanos from its last good answer until it was out; 0 where it drains
   */
  void ejected(String region, long detectedNanos);

  /**
   * A region came back.
   *
   * @param hardlyAway whether it was back so soon that it was taken out by mistake
   */
  void restored(String region, boolean hardlyAway);

  /**
   * No try failed for a second.
   *
   * @param disturbedNanos from the first that had failed before until the last one
   */
  void steady(long disturbedNanos);

  /** A client's connection was closed at once, for there are as many as may be. */
  void connectionRefused();
}
