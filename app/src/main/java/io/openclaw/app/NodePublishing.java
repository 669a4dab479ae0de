package io.openclaw.app;

import io.openclaw.release.Found;
import io.openclaw.release.ReleaseCheck;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.Rollout;
import io.openclaw.release.StoredRelease;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** How releases come to a node, and go through the regions. */
record NodePublishing(ReleaseFleet fleet, Releases releases) {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");
  private static final long SECOND_NANOS = 1_000_000_000L;

  /** How long a start waits for the release in force, where it is another than on this disk. */
  private static final long RELEASE_MILLIS_MAX = 3_000;

  /** How long all regions have for fetching, checking and loading a release. */
  private static final long STAGING_NANOS = 120 * SECOND_NANOS;

  /** When a soak that says nothing ends. */
  private static final long SOAK_NANOS_MAX = 3_600 * SECOND_NANOS;

  /** How long the region may be away in which a release soaks. */
  private static final long SOAK_ABSENT_NANOS = 2 * SECOND_NANOS;

  /**
   * Opens it.
   *
   * @param up the other regions that are heard of
   */
  static NodePublishing open(NodeContext node, NodeServing serving, Supplier<Set<String>> up)
      throws IOException {
    ReleaseFetches fetches = new ReleaseFetches();
    ReleaseFetches.register(node.metrics, node.region(), fetches);
    PeerReleases elsewhere = peers(node, serving, up, fetches);
    ReleaseFleet fleet = fleet(node, serving, sources(node, serving, elsewhere, fetches));
    Releases releases =
        new Releases(
            serving.store,
            serving.releaseKeys,
            node.config.content(),
            serving.shelf,
            serving.served,
            fleet,
            elsewhere,
            serving.secrets,
            node.clock);
    return new NodePublishing(fleet, releases);
  }

  private static PeerReleases peers(
      NodeContext node, NodeServing serving, Supplier<Set<String>> up, ReleaseFetches fetches) {
    Map<String, URI> ports = new LinkedHashMap<>();
    String scheme = node.tls.mesh() == null ? "http://" : "https://";
    node.config
        .peers()
        .forEach((region, address) -> ports.put(region, URI.create(scheme + address)));
    return new PeerReleases(
        node.region(),
        ports,
        node.tls.mesh(),
        node.config.meshSecret().reveal(),
        up,
        StoredRelease.blobs(serving.store),
        fetches);
  }

  /** The other regions, then the location: whoever gives a release first. */
  private static Sources sources(
      NodeContext node, NodeServing serving, PeerReleases regions, ReleaseFetches fetches) {
    List<Sources.Named> sources = new ArrayList<>();
    if (!node.isAlone()) {
      sources.add(new Sources.Named("regions", regions));
    }
    String location = node.config.get(Setting.RELEASE_SOURCE);
    if (!location.isEmpty()) {
      sources.add(
          new Sources.Named(
              location, new HttpSource(location, node.config.sourceAuthorization(), fetches)));
    }
    return new Sources(sources, serving.releaseKeys);
  }

  private static ReleaseFleet fleet(NodeContext node, NodeServing serving, ReleaseSource source)
      throws IOException {
    long soakNanos = node.config.number(Setting.RELEASE_SOAK_SECONDS) * SECOND_NANOS;
    List<String> regions = node.config.regions().stream().sorted().toList();
    String primary = node.config.get(Setting.RELEASE_PRIMARY);
    ReleaseFleet.Parts parts =
        new ReleaseFleet.Parts(
            node.region(),
            regions,
            new Rollout.Timing(
                STAGING_NANOS,
                soakNanos,
                Math.max(SOAK_NANOS_MAX, 10 * soakNanos),
                SOAK_ABSENT_NANOS),
            serving.served,
            serving.store,
            serving.releaseKeys,
            node.config.get(Setting.RELEASE_TRUST).equals("mesh"),
            source,
            new ReleaseCheck(StoredRelease.blobs(serving.store), serving.shelf, serving.secrets),
            node.data::saveRollout,
            node.clock);
    ReleaseRef onDisk =
        serving.store.stable() instanceof Found.Whole<ReleaseRef>(ReleaseRef stable)
            ? stable
            : serving.served.active().ref();
    return new ReleaseFleet(
        parts,
        node.data.rollout(primary.isEmpty() ? regions.getFirst() : primary, onDisk),
        node.data.incarnation());
  }

  /** A region that was away comes back with the release in force; one that is cut off goes on. */
  void await() throws IOException {
    try {
      if (!fleet.awaitCurrent(RELEASE_MILLIS_MAX)) {
        LOG.log(
            Level.WARNING,
            () ->
                "serving a release that may not be the one in force: "
                    + (fleet.stale().isEmpty() ? "the other regions say nothing" : fleet.stale()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting", e);
    }
  }
}
