package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.openclaw.app.ReleaseFetches.Form;
import io.openclaw.app.ReleaseFetches.From;
import io.openclaw.net.PeerAnswer;
import io.openclaw.release.BlobDelta;
import io.openclaw.release.FolderStore;
import io.openclaw.release.Found;
import io.openclaw.release.Manifest;
import io.openclaw.release.ReleaseKeys;
import io.openclaw.release.Sha256;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs from another region: whole, packed, as patches, and from one that errs. */
final class PeerReleasesTest {
  private static final byte[] BEFORE = model(200_000);
  private static final byte[] AFTER = changed(BEFORE);
  private static final String BASE = Sha256.hex(BEFORE);
  private static final String DIGEST = Sha256.hex(AFTER);
  private static final BlobWish WISH = new BlobWish(DIGEST, AFTER.length, BASE);

  @TempDir Path folder = Path.of("");
  private final ReleaseFetches fetches = new ReleaseFetches();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private static byte[] model(int bytes) {
    Random random = new Random(3);
    StringBuilder text = new StringBuilder();
    while (text.length() < bytes) {
      text.append("{\"points\":").append(random.nextInt()).append("},");
    }
    return text.toString().getBytes(UTF_8);
  }

  private static byte[] changed(byte[] bytes) {
    byte[] next = bytes.clone();
    next[100_000] = (byte) (next[100_000] == '1' ? '2' : '1');
    return next;
  }

  private static Function<String, Found<byte[]>> holding(byte[]... blobs) {
    return digest -> {
      for (byte[] blob : blobs) {
        if (Sha256.hex(blob).equals(digest)) {
          return new Found.Whole<>(blob);
        }
      }
      return new Found.Missing<>(digest);
    };
  }

  private PeerReleases peers(Function<String, Found<byte[]>> held, WebFolder... regions) {
    Map<String, URI> ports = new LinkedHashMap<>();
    for (int i = 0; i < regions.length; i++) {
      ports.put("region-" + i, URI.create(regions[i].url()));
    }
    return new PeerReleases("here", ports, null, "secret", Set::of, held, fetches);
  }

  /** A region that answers as regions do. */
  private WebFolder honest(byte[]... blobs) throws IOException {
    return WebFolder.of(exchange -> give(exchange, answer(exchange, holding(blobs))));
  }

  private PeerAnswer answer(HttpExchange exchange, Function<String, Found<byte[]>> held) {
    String query = exchange.getRequestURI().getQuery();
    asked.add(query == null ? "" : query);
    String digest = exchange.getRequestURI().getPath().replace("/mesh/v1/blobs/", "");
    return held.apply(digest) instanceof Found.Whole<byte[]>(byte[] bytes)
        ? PeerReleases.packed(bytes, query == null ? "" : query, held)
        : PeerAnswer.whole(new byte[0]);
  }

  private static void give(HttpExchange exchange, PeerAnswer answer) throws IOException {
    exchange.getResponseHeaders().set(PeerAnswer.FORM_HEADER, answer.form());
    WebFolder.give(exchange, answer.bytes().length == 0 ? 404 : 200, answer.bytes());
  }

  private long bytes(Form form) {
    return fetches.of(From.PEER, form).bytes().sum();
  }

  @Test
  void a_changed_model_comes_as_a_patch_where_both_hold_the_version_before() throws Exception {
    try (WebFolder both = honest(BEFORE, AFTER);
        WebFolder newer = honest(AFTER)) {
      assertThat(peers(holding(BEFORE), both).blob(WISH)).isEqualTo(AFTER);
      assertThat(bytes(Form.DELTA)).isPositive().isLessThan(AFTER.length / 100);
      assertThat(peers(holding(BEFORE), newer).blob(WISH)).isEqualTo(AFTER);
      assertThat(bytes(Form.PACKED)).isPositive().isLessThan(AFTER.length / 2);
      assertThat(peers(holding(), both).blob(WISH)).isEqualTo(AFTER);
      assertThat(asked).containsExactly("from=" + BASE, "from=" + BASE, "packed");
      assertThat(fetches.of(From.PEER, Form.PACKED).blobs().sum()).isEqualTo(2);
      assertThat(bytes(Form.WHOLE)).isZero();
    }
  }

  @Test
  void small_blobs_and_those_of_older_regions_come_whole() throws Exception {
    byte[] small = "small".getBytes(UTF_8);
    try (WebFolder region = honest(small);
        WebFolder older = WebFolder.of(x -> WebFolder.give(x, 200, AFTER))) {
      assertThat(peers(holding(), region).blob(BlobWish.any(Sha256.hex(small)))).isEqualTo(small);
      assertThat(peers(holding(BEFORE), older).blob(WISH)).isEqualTo(AFTER);
      assertThat(bytes(Form.WHOLE)).isEqualTo(small.length + AFTER.length);
    }
  }

  @Test
  void after_a_wrong_patch_the_same_region_is_asked_for_the_whole_blob() throws Exception {
    byte[] patch = BlobDelta.encode(AFTER, BEFORE);
    byte[] flipped = patch.clone();
    flipped[patch.length / 2] ^= 1;
    byte[] another = BlobDelta.encode(BEFORE, BEFORE);
    byte[] bomb = BlobDelta.encode(new byte[BlobDelta.BYTES_MAX], new byte[0]);
    for (PeerAnswer wrong :
        List.of(
            new PeerAnswer(flipped, "delta"),
            new PeerAnswer(another, "delta"),
            new PeerAnswer(bomb, "packed"),
            new PeerAnswer(patch, "packed"),
            new PeerAnswer(patch, "whole"),
            new PeerAnswer(patch, "unknown"),
            new PeerAnswer(new byte[0], "500"))) {
      asked.clear();
      try (WebFolder region =
          WebFolder.of(
              exchange -> {
                PeerAnswer right = answer(exchange, holding(AFTER));
                if (wrong.form().equals("500") && !asked.getLast().isEmpty()) {
                  WebFolder.give(exchange, 500, new byte[0]);
                } else {
                  give(exchange, asked.getLast().isEmpty() ? right : wrong);
                }
              })) {
        assertThat(peers(holding(BEFORE), region).blob(WISH)).as(wrong.form()).isEqualTo(AFTER);
        assertThat(asked).containsExactly("from=" + BASE, "");
      }
    }
    assertThat(bytes(Form.DELTA) + bytes(Form.PACKED)).isZero();
    assertThat(bytes(Form.WHOLE)).isEqualTo(7L * AFTER.length);
  }

  @Test
  void a_region_with_other_bytes_a_busy_one_and_none() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (WebFolder lies = WebFolder.of(x -> WebFolder.give(x, 200, BEFORE));
        WebFolder busy =
            WebFolder.of(
                x -> {
                  if (calls.incrementAndGet() <= 2) {
                    WebFolder.give(x, 503, new byte[0]);
                  } else {
                    WebFolder.give(x, 200, AFTER);
                  }
                });
        WebFolder empty = honest()) {
      assertThat(peers(holding(), lies, busy).blob(WISH)).isEqualTo(AFTER);
      assertThat(calls).hasValue(3);
      assertThatThrownBy(() -> peers(holding(), lies, empty).blob(WISH))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("region-0 blob " + DIGEST + ": other bytes, whole")
          .hasMessageContaining("region-1 has it not (404)");
    }
    assertThatThrownBy(() -> peers(holding()).blob(WISH)).hasMessageContaining("no region answers");
  }

  @Test
  void the_primary_has_as_long_to_answer_as_is_waited_for_it() throws Exception {
    try (WebFolder region = honest()) {
      HttpRequest request = peers(holding(), region).question("region-0", "releases", BEFORE);
      assertThat(request.timeout()).contains(PeerReleases.ANSWER_TIME_MAX);
      assertThat(request.method()).isEqualTo("POST");
    }
  }

  @Test
  void blobs_of_a_release_are_fetched_side_by_side_the_content_first() throws Exception {
    List<byte[]> blobs = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      blobs.add(("{\"n\":" + i + "}").getBytes(UTF_8));
    }
    byte[][] all = blobs.toArray(new byte[0][]);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger first = new AtomicInteger();
    Function<String, Found<byte[]>> held = holding(all);
    String content = Sha256.hex(blobs.get(7));
    try (WebFolder region =
        WebFolder.of(
            exchange -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              boolean isContent = exchange.getRequestURI().getPath().endsWith(content);
              first.compareAndSet(0, isContent ? 1 : 2);
              pause();
              now.decrementAndGet();
              give(exchange, answer(exchange, held));
            })) {
      FolderStore store = new FolderStore(folder, ReleaseKeys.open(folder));
      Manifest manifest =
          new Manifest(
              1,
              "",
              "ops",
              1,
              "m",
              Manifest.Action.APPLY,
              content,
              blobs.stream().map(b -> new Manifest.Blob(Sha256.hex(b), b.length)).toList());
      new BlobFetch(store, peers(holding(), region)).all(manifest, content);
      for (byte[] blob : blobs) {
        assertThat(store.has(Sha256.hex(blob))).isTrue();
      }
      assertThat(first).as("the content came first").hasValue(1);
      assertThat(most.get()).isBetween(2, BlobFetch.PARALLEL_MAX);
      int before = asked.size();
      new BlobFetch(store, ReleaseSource.NONE).all(manifest, content);
      assertThat(asked).hasSize(before);
      Manifest more =
          new Manifest(
              1,
              "",
              "ops",
              1,
              "m",
              Manifest.Action.APPLY,
              content,
              List.of(
                  new Manifest.Blob(content, 7),
                  new Manifest.Blob(BASE, BEFORE.length),
                  new Manifest.Blob(DIGEST, AFTER.length)));
      assertThatThrownBy(() -> new BlobFetch(store, peers(holding(), region)).all(more, content))
          .hasMessageContaining("is missing; region-0 has it not (404)");
    }
  }

  private static void pause() {
    try {
      Thread.sleep(5);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
