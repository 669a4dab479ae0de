package io.openclaw.bench;

/** Decides when the next request is begun. Used on the event loop only. */
interface Loop {
  /** What a loop needs of the run. */
  interface Host {
    /** Nanoseconds since the run began. */
    long nowNanos();

    /** Requests under way or waiting. */
    int inFlight();

    /** Sends a request, now or as soon as a connection is free. */
    Exchange begin(int target, int body, long dueNanos, boolean recorded);

    /** Runs the task on the event loop, at once if the delay is not positive. */
    void after(long delayNanos, Runnable task);

    /** Says that no request will be begun any more. */
    void sendingIsOver();
  }

  /** Begins the first requests. */
  void start();

  /** Hears that a request ended. */
  void ended(Exchange exchange, Outcome outcome);

  /** When the last request is due, in nanoseconds since the run began; 0 if that is not planned. */
  long plannedEndNanos();
}
