package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Clock;
import io.openclaw.domain.JsonWriter;
import io.openclaw.edge.Answered;
import io.openclaw.rating.ItemStore;
import io.openclaw.release.Content;
import io.openclaw.release.ContentJson;
import io.openclaw.release.FleetState;
import io.openclaw.release.FolderStore;
import io.openclaw.release.Found;
import io.openclaw.release.Manifest;
import io.openclaw.release.RegionRow;
import io.openclaw.release.ReleaseCheck;
import io.openclaw.release.ReleaseKeys;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.Rollout;
import io.openclaw.release.SecretReferences;
import io.openclaw.release.Sha256;
import io.openclaw.release.SignedManifest;
import io.openclaw.release.StoredRelease;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The releases of two regions, {@code a} which writes and {@code b}, without ports: a thread
 * carries their facts, as long as the line is whole, and each has the other's blobs.
 */
final class TwoRegions implements AutoCloseable {
  private static final List<String> NAMES = List.of("a", "b");
  private static final long TICK_MILLIS = 2;
  private static final int AWAITED_MILLIS_MAX = 10_000;

  /** One region; what it does is changed by a test while it runs. */
  final class Region implements AutoCloseable {
    final ModelShelf shelf;
    final FolderStore store;
    final ServedRelease served;
    final ReleaseFleet fleet;
    final Releases releases;
    final Canaries canaries;
    volatile Consumer<Content> switched = content -> {};
    volatile RegionRow.Health health = RegionRow.Health.HEALTHY;
    volatile boolean breaks;
    private final String name;
    private final DataDirectory data;

    private Region(String name, Path folder, Content configured) throws Exception {
      this.name = name;
      data = DataDirectory.open(folder, name, clock.wallMillis(), new Random(1));
      shelf = new ModelShelf(new ItemStore(name + "/0", e -> new CompletableFuture<>()), clock);
      ReleaseKeys keys = ReleaseKeys.open(folder);
      store = new FolderStore(folder, keys);
      served = ServedRelease.open(store, configured, shelf);
      canaries =
          new Canaries(
              name + "#1",
              NAMES,
              CanaryStops.open(folder.resolve("canary-stops.json")),
              new CanaryShadow(),
              clock);
      served.onSwitch(
          (content, models, before) -> {
            switched.accept(content);
            var _ = canaries.serve(content, shelf);
          });
      ReleaseFleet.Parts parts =
          new ReleaseFleet.Parts(
              name,
              NAMES,
              new Rollout.Timing(30_000_000_000L, 1, Long.MAX_VALUE / 2, Long.MAX_VALUE / 2),
              served,
              store,
              keys,
              true,
              new Other(this),
              new ReleaseCheck(StoredRelease.blobs(store), shelf, SecretReferences.ALL_GOOD),
              data::saveRollout,
              clock);
      ReleaseRef onDisk =
          store.stable() instanceof Found.Whole<ReleaseRef>(ReleaseRef stable)
              ? stable
              : served.active().ref();
      fleet = new ReleaseFleet(parts, data.rollout("a", onDisk), data.incarnation());
      releases =
          new Releases(
              store,
              keys,
              configured,
              shelf,
              served,
              fleet,
              (region, path, body) -> other(this).releases.passedOn(path, body),
              SecretReferences.ALL_GOOD,
              clock);
    }

    private void start() {
      fleet.start(
          () -> Set.of(name.equals("a") ? "b" : "a"),
          state -> new RegionRow.Soak(state.candidate(), health(state), "planted"));
    }

    private RegionRow.Health health(FleetState state) {
      return served.active().ref().equals(state.candidate())
          ? health
          : RegionRow.Health.INSUFFICIENT;
    }

    @Override
    public void close() throws IOException {
      fleet.close();
      data.close();
    }
  }

  private final class Other implements ReleaseSource {
    private final Region of;

    Other(Region of) {
      this.of = of;
    }

    @Override
    public byte[] manifest(ReleaseRef ref) throws IOException {
      if (of.breaks) {
        throw new IllegalStateException("planted");
      }
      SignedManifest held = other(of).fleet.held(ref);
      if (held == null) {
        throw new IOException("the other region has it not");
      }
      return held.document();
    }

    @Override
    public byte[] blob(BlobWish wish) throws IOException {
      if (other(of).store.blob(wish.sha256()) instanceof Found.Whole<byte[]>(byte[] bytes)) {
        return bytes;
      }
      throw new IOException("the other region has it not");
    }
  }

  private final Clock clock;
  private final Path folder;
  private final Content configured;
  private volatile @Nullable Region a;
  private volatile @Nullable Region b;
  private volatile boolean isWhole = true;
  private volatile boolean isClosed;
  private final Thread line = new Thread(this::carry, "line");

  private TwoRegions(Path folder, Content configured, Clock clock) throws Exception {
    this.folder = folder;
    this.configured = configured;
    this.clock = clock;
    a = new Region("a", folder.resolve("a"), configured);
    b = new Region("b", folder.resolve("b"), configured);
    line.setDaemon(true);
    a().start();
    b().start();
    line.start();
    await(() -> a().fleet.isEstablished() && b().fleet.primary().equals("a"));
  }

  static TwoRegions open(Path folder, Content configured, Clock clock) throws Exception {
    return new TwoRegions(folder, configured, clock);
  }

  Region a() {
    return Objects.requireNonNull(a);
  }

  Region b() {
    return Objects.requireNonNull(b);
  }

  private Region other(Region region) {
    return region.name.equals("a") ? b() : a();
  }

  /** Facts wait while the line is cut; each region still believes that the other answers. */
  void cut(boolean cut) {
    isWhole = !cut;
  }

  /** Ends the region that writes, and starts it again on the same disk. */
  void restartA() throws Exception {
    boolean was = isWhole;
    isWhole = false;
    a().close();
    a = new Region("a", folder.resolve("a"), configured);
    a().start();
    isWhole = was;
  }

  private void carry() {
    while (!isClosed) {
      if (isWhole) {
        a().fleet.all(b().fleet::merge);
        b().fleet.all(a().fleet::merge);
      }
      try {
        TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Publishes in {@code a}; the answer's document. */
  JsonObject publish(Content content, boolean now) {
    Answered answered = propose(content, now);
    assertThat(answered.problem()).isNull();
    return new JsonObject(new String(answered.body(), UTF_8));
  }

  Answered propose(Content content, boolean now) {
    ContentJson.blobs(content).forEach(a().releases::putBlob);
    FleetState state = a().fleet.agreed();
    ReleaseCheck.Proposal proposal =
        new ReleaseCheck.Proposal(
            state.nextVersion(),
            state.stable().id(),
            "ops",
            "m",
            Manifest.Action.APPLY,
            Sha256.hex(ContentJson.bytes(content)),
            false,
            true,
            true);
    return a().releases.publish(JsonWriter.write(new ReleaseWish(proposal, false, now).json()));
  }

  void awaitStage(FleetState.Stage stage) throws InterruptedException {
    await(() -> a().fleet.agreed().stage() == stage);
  }

  void awaitServed(long version) throws InterruptedException {
    await(
        () -> a().served.active().version() == version && b().served.active().version() == version);
  }

  void await(BooleanSupplier what) throws InterruptedException {
    for (int i = 0; i < AWAITED_MILLIS_MAX && !what.getAsBoolean(); i++) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    assertThat(what.getAsBoolean()).as(String.valueOf(a().fleet.agreed())).isTrue();
  }

  @Override
  public void close() throws IOException {
    isClosed = true;
    a().close();
    b().close();
  }
}
