package io.openclaw.router;

/**
 * What the router holds at most.
 *
 * @param bodyBytes of a request, kept so that another region can get it; a little more than the 1
 *     MiB that a region accepts, so that the region words the refusal
 * @param headerBytes of a request's header fields
 * @param concurrentRequests over all event loops
 * @param connectionsPerRegion of one event loop
 * @param streamsPerConnection requests at once over one HTTP/2 connection
 * @param resetsPerWindow requests that an HTTP/2 client may take back within {@value
 *     #RESETS_WINDOW_SECONDS} s before its connection is closed (CVE-2023-44487)
 */
public record RouterBounds(
    int bodyBytes,
    int headerBytes,
    int concurrentRequests,
    int connectionsPerRegion,
    int streamsPerConnection,
    int resetsPerWindow) {
  static final int RESETS_WINDOW_SECONDS = 10;

  public RouterBounds {
    positive(bodyBytes, "bodyBytes");
    positive(headerBytes, "headerBytes");
    positive(concurrentRequests, "concurrentRequests");
    positive(connectionsPerRegion, "connectionsPerRegion");
    positive(streamsPerConnection, "streamsPerConnection");
    positive(resetsPerWindow, "resetsPerWindow");
  }

  public static RouterBounds defaults() {
    return new RouterBounds((1 << 20) + (16 << 10), 16 << 10, 4_096, 1_024, 100, 200);
  }

  public RouterBounds withBodyBytes(int bytes) {
    return new RouterBounds(
        bytes,
        headerBytes,
        concurrentRequests,
        connectionsPerRegion,
        streamsPerConnection,
        resetsPerWindow);
  }

  public RouterBounds withConcurrentRequests(int requests) {
    return new RouterBounds(
        bodyBytes,
        headerBytes,
        requests,
        connectionsPerRegion,
        streamsPerConnection,
        resetsPerWindow);
  }

  private static void positive(int value, String name) {
    if (value < 1) {
      throw new IllegalArgumentException("bounds." + name + ": " + value + " (expected: > 0)");
    }
  }
}
