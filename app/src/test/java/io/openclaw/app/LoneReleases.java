package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.release.Content;
import io.openclaw.release.FolderStore;
import io.openclaw.release.Found;
import io.openclaw.release.RegionRow;
import io.openclaw.release.ReleaseCheck;
import io.openclaw.release.ReleaseKeys;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.Rollout;
import io.openclaw.release.SecretReferences;
import io.openclaw.release.StoredRelease;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The releases of a region alone, without its ports: what a test publishes to. */
record LoneReleases(DataDirectory data, ServedRelease served, ReleaseFleet fleet, Releases releases)
    implements AutoCloseable {
  private static final String REGION = "here";

  /** Opens a data folder; ready to be published to when this returns. */
  static LoneReleases open(
      Path folder, Content configured, ModelShelf shelf, Clock clock, Consumer<Content> switched)
      throws IOException, ConfigException, InterruptedException {
    return open(folder, configured, shelf, clock, switched, List.of());
  }

  /**
   * Opens a data folder; ready to be published to when this returns.
   *
   * @param sources where releases come from that are not on this disk
   */
  static LoneReleases open(
      Path folder,
      Content configured,
      ModelShelf shelf,
      Clock clock,
      Consumer<Content> switched,
      List<Sources.Named> sources)
      throws IOException, ConfigException, InterruptedException {
    return open(folder, configured, shelf, clock, switched, sources, disk -> disk);
  }

  /**
   * Opens a data folder; ready to be published to when this returns.
   *
   * @param memory what stands between the fleet and the disk that it remembers on
   */
  static LoneReleases open(
      Path folder,
      Content configured,
      ModelShelf shelf,
      Clock clock,
      Consumer<Content> switched,
      List<Sources.Named> sources,
      UnaryOperator<ReleaseFleet.Memory> memory)
      throws IOException, ConfigException, InterruptedException {
    DataDirectory data =
        DataDirectory.open(folder, REGION, System.currentTimeMillis(), new Random(1));
    ReleaseKeys keys = ReleaseKeys.open(folder);
    FolderStore store = new FolderStore(folder, keys);
    ServedRelease served = ServedRelease.open(store, configured, shelf);
    served.onSwitch((content, models, before) -> switched.accept(content));
    ReleaseFleet.Parts parts =
        new ReleaseFleet.Parts(
            REGION,
            List.of(REGION),
            new Rollout.Timing(1_000_000_000, 1, 1, 1),
            served,
            store,
            keys,
            true,
            new Sources(sources, keys),
            new ReleaseCheck(StoredRelease.blobs(store), shelf, SecretReferences.ALL_GOOD),
            memory.apply(data::saveRollout),
            clock);
    ReleaseRef onDisk =
        store.stable() instanceof Found.Whole<ReleaseRef>(ReleaseRef stable)
            ? stable
            : served.active().ref();
    ReleaseFleet fleet = new ReleaseFleet(parts, data.rollout(REGION, onDisk), data.incarnation());
    Releases releases =
        new Releases(
            store,
            keys,
            configured,
            shelf,
            served,
            fleet,
            (region, path, body) -> {
              throw new IllegalStateException("there is no other region");
            },
            SecretReferences.ALL_GOOD,
            clock);
    fleet.start(Set::of, state -> RegionRow.Soak.NONE);
    fleet.awaitCurrent(1_000);
    fleet.awaitPrimary(5_000);
    return new LoneReleases(data, served, fleet, releases);
  }

  @Override
  public void close() throws IOException {
    fleet.close();
    data.close();
  }
}
