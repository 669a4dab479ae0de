package io.openclaw.app;

import io.openclaw.router.RouterBounds;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a router holds at most, as options of a command. */
final class BoundsOptions {
  private static final long MIB = 1 << 20;

  @Option(
      names = "--bodies-max",
      paramLabel = "MIB",
      description =
          "MiB of requests' bodies that are held at once, in case another region must get them; a"
              + " quarter of the heap by default. What is beyond is refused with 503.")
  @Nullable Integer bodiesMib;

  @Option(
      names = "--connections-max",
      paramLabel = "N",
      description = "Clients' connections at once, 20000 by default; one more is closed.")
  @Nullable Integer connections;

  /**
   * The bounds.
   *
   * @throws IllegalArgumentException where an option is not positive
   */
  RouterBounds bounds() {
    RouterBounds bounds = RouterBounds.defaults();
    if (bodiesMib != null) {
      bounds = bounds.withBodiesBytes(positive("--bodies-max", bodiesMib) * MIB);
    }
    if (connections != null) {
      bounds = bounds.withConnections(positive("--connections-max", connections));
    }
    return bounds;
  }

  private static int positive(String option, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(option + ": " + value + " (expected: > 0)");
    }
    return value;
  }
}
