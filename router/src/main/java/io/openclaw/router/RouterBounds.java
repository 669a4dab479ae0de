package io.openclaw.router;

/**
 * What the router holds at most.
 *
 * @param bodyBytes of a request, kept so that another region can get it; a little more than the 1
 *     MiB that a region accepts, so that the region words the refusal
 * @param bodiesBytes of all such bodies together; put together from many parts, they take up to
 *     twice as much memory
 * @param headerBytes of a request's header fields
 * @param concurrentRequests over all event loops
 * @param connections of clients, over all event loops; one more is closed
 * @param connectionsPerRegion of one event loop
 * @param streamsPerConnection requests at once over one HTTP/2 connection
 * @param resetsPerWindow requests that an HTTP/2 client may take back within {@value
 *     #RESETS_WINDOW_SECONDS} s before its connection is closed (CVE-2023-44487)
 */
public record RouterBounds(
    int bodyBytes,
    long bodiesBytes,
    int headerBytes,
    int concurrentRequests,
    int connections,
    int connectionsPerRegion,
    int streamsPerConnection,
    int resetsPerWindow) {
  static final int RESETS_WINDOW_SECONDS = 10;

  /** The part of the heap that bodies may have by default: the rest is for all else. */
  private static final int HEAP_DIVISOR = 4;

  public RouterBounds {
    positive(bodyBytes, "bodyBytes");
    positive(bodiesBytes, "bodiesBytes");
    positive(headerBytes, "headerBytes");
    positive(concurrentRequests, "concurrentRequests");
    positive(connections, "connections");
    positive(connectionsPerRegion, "connectionsPerRegion");
    positive(streamsPerConnection, "streamsPerConnection");
    positive(resetsPerWindow, "resetsPerWindow");
  }

  public static RouterBounds defaults() {
    long heap = Runtime.getRuntime().maxMemory();
    return new RouterBounds(
        (1 << 20) + (16 << 10), heap / HEAP_DIVISOR, 16 << 10, 4_096, 20_000, 1_024, 100, 200);
  }

  public RouterBounds withBodyBytes(int bytes) {
    return new RouterBounds(
        bytes,
        bodiesBytes,
        headerBytes,
        concurrentRequests,
        connections,
        connectionsPerRegion,
        streamsPerConnection,
        resetsPerWindow);
  }

  public RouterBounds withBodiesBytes(long bytes) {
    return new RouterBounds(
        bodyBytes,
        bytes,
        headerBytes,
        concurrentRequests,
        connections,
        connectionsPerRegion,
        streamsPerConnection,
        resetsPerWindow);
  }

  public RouterBounds withConcurrentRequests(int requests) {
    return new RouterBounds(
        bodyBytes,
        bodiesBytes,
        headerBytes,
        requests,
        connections,
        connectionsPerRegion,
        streamsPerConnection,
        resetsPerWindow);
  }

  public RouterBounds withConnections(int clients) {
    return new RouterBounds(
        bodyBytes,
        bodiesBytes,
        headerBytes,
        concurrentRequests,
        clients,
        connectionsPerRegion,
        streamsPerConnection,
        resetsPerWindow);
  }

  private static void positive(long value, String name) {
    if (value < 1) {
      throw new IllegalArgumentException("bounds." + name + ": " + value + " (expected: > 0)");
    }
  }
}
