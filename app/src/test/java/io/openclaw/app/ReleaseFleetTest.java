package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Tenant;
import io.openclaw.release.CanaryBins;
import io.openclaw.release.CanaryEdit;
import io.openclaw.release.CanarySpec;
import io.openclaw.release.CanaryThresholds;
import io.openclaw.release.Content;
import io.openclaw.release.ContentJson;
import io.openclaw.release.FleetState.Stage;
import io.openclaw.release.FolderStore;
import io.openclaw.release.Found;
import io.openclaw.release.ModelSpec;
import io.openclaw.release.RegionRow;
import io.openclaw.release.StoredRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Releases through two regions, of which one is slow, breaks, or forgets. */
final class ReleaseFleetTest {
  @TempDir Path folder = Path.of("");
  private TwoRegions regions;

  @BeforeEach
  void open() throws Exception {
    regions = TwoRegions.open(folder, content(0), SystemClock.INSTANCE);
  }

  @AfterEach
  void close() throws Exception {
    regions.close();
  }

  private static byte[] card(int score) {
    return ("{\"kind\":\"scorecard\",\"initialScore\":"
            + score
            + ",\"characteristics\":[{\"name\":\"a\",\"field\":\"a\",\"attributes\":"
            + "[{\"when\":{\"otherwise\":true},\"points\":1}]}]}")
        .getBytes(UTF_8);
  }

  static Content content(int n) {
    return new Content(
        null,
        null,
        List.of(new ModelSpec("t", "card", "scorecard", "v1", card(n), null)),
        List.of(new Tenant("bank", List.of("card"), new Decimal(n, 0), 1, null)),
        List.of(),
        List.of(),
        Map.of());
  }

  private static Content withCanary(Content base) {
    return CanaryEdit.started(
        base,
        new CanarySpec(
            "bank",
            "card",
            "v1",
            "v2",
            CanarySpec.Traffic.parse("50"),
            CanarySpec.Sticky.parse("/id"),
            7,
            new CanaryBins(List.of(new Decimal(3, 0)), List.of()),
            CanaryThresholds.DEFAULTS),
        new ModelSpec("t", "card@v2", "scorecard", "v2", card(99), null));
  }

  @Test
  void a_canary_that_is_staged_for_longer_than_its_publisher_waits_is_served() throws Exception {
    regions.cut(true);
    assertThat(regions.publish(withCanary(content(0)), true).getString("stage"))
        .isEqualTo("staging");
    long loads = regions.a().shelf.loads();
    regions.cut(false);
    regions.awaitServed(1);
    assertThat(regions.a().shelf.loads()).as("loaded once, and kept").isEqualTo(loads);
    assertThat(regions.a().canaries.live()).hasSize(1);
    regions.publish(content(2), true);
    regions.awaitServed(2);
  }

  @Test
  void what_a_release_needs_stays_on_disk_while_it_soaks() throws Exception {
    regions.publish(content(1), true);
    regions.awaitServed(1);
    uploadedLongAgo(regions.b(), "b", content(2));
    regions.b().health = RegionRow.Health.INSUFFICIENT;
    regions.publish(content(2), false);
    regions.await(() -> regions.b().served.active().version() == 2);
    regions.b().health = RegionRow.Health.HEALTHY;
    regions.awaitServed(2);
    for (String digest : ContentJson.blobs(content(2)).keySet()) {
      assertThat(regions.b().store.has(digest)).isTrue();
    }
  }

  @Test
  void what_a_release_lost_while_it_soaked_is_written_before_it_is_in_force() throws Exception {
    regions.b().health = RegionRow.Health.INSUFFICIENT;
    regions.publish(content(1), false);
    regions.await(() -> regions.b().served.active().version() == 1);
    for (String region : List.of("a", "b")) {
      for (String digest : ContentJson.blobs(content(1)).keySet()) {
        Files.delete(folder.resolve(region).resolve(FolderStore.blobPath(digest)));
      }
    }
    regions.b().health = RegionRow.Health.HEALTHY;
    regions.awaitServed(1);
    for (TwoRegions.Region region : List.of(regions.a(), regions.b())) {
      assertThat(StoredRelease.read(region.store, 1)).isInstanceOf(Found.Whole.class);
    }
  }

  private void uploadedLongAgo(TwoRegions.Region region, String name, Content content)
      throws IOException {
    for (Map.Entry<String, byte[]> blob : ContentJson.blobs(content).entrySet()) {
      region.store.put(blob.getKey(), blob.getValue());
      Path file = folder.resolve(name).resolve(FolderStore.blobPath(blob.getKey()));
      Files.setLastModifiedTime(file, FileTime.fromMillis(0));
    }
  }

  @Test
  void a_release_in_force_that_breaks_once_is_loaded_anew_and_served() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    regions.a().switched =
        content -> {
          if (tries.getAndIncrement() == 0) {
            throw new IllegalStateException("planted");
          }
        };
    regions.publish(content(1), true);
    regions.awaitServed(1);
    assertThat(regions.a().served.active().why()).isEmpty();
    assertThat(tries).hasValue(2);
  }

  @Test
  void a_release_that_breaks_where_it_is_staged_is_refused() throws Exception {
    regions.b().breaks = true;
    assertThat(String.valueOf(regions.propose(content(1), true).problem()))
        .contains("region b: it broke: ", "planted");
    regions.b().breaks = false;
    regions.publish(content(2), true);
    regions.awaitServed(2);
  }

  @Test
  void a_release_that_breaks_where_it_soaks_is_refused() throws Exception {
    regions.b().switched =
        content -> {
          throw new IllegalStateException("planted");
        };
    regions.propose(content(1), false);
    regions.awaitStage(Stage.REFUSED);
    assertThat(regions.a().fleet.agreed().why()).contains("soak in b: it broke", "planted");
    regions.b().switched = content -> {};
    regions.publish(content(2), true);
    regions.awaitServed(2);
  }
}
