package io.openclaw.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.release.FolderStore;
import io.openclaw.release.Manifest;
import io.openclaw.release.ReleaseKeys;
import io.openclaw.release.ReleaseRef;
import io.openclaw.release.Sha256;
import io.openclaw.release.SignedManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a read-only location may answer, and what becomes of it. */
final class HttpSourceTest {
  private static final byte[] BLOB = "a model".getBytes(UTF_8);
  private static final String DIGEST = Sha256.hex(BLOB);
  private static final Secret SECRET = new Secret("Bearer not-to-be-seen");
  private static final Duration SHORT = Duration.ofMillis(500);

  @TempDir Path folder = Path.of("");
  private final ReleaseFetches fetches = new ReleaseFetches();

  private Sources sources(WebFolder web) throws IOException {
    return sources(web, Duration.ofSeconds(10));
  }

  private Sources sources(WebFolder web, Duration timeout) throws IOException {
    return new Sources(
        List.of(
            new Sources.Named("regions", ReleaseSource.NONE),
            new Sources.Named(web.url(), new HttpSource(web.url(), SECRET, fetches, timeout))),
        keys("own"));
  }

  private ReleaseKeys keys(String name) throws IOException {
    return ReleaseKeys.open(Files.createDirectories(folder.resolve(name)));
  }

  private static void refused(ReleaseSource source, String why) {
    assertThatThrownBy(() -> source.blob(new BlobWish(DIGEST, BLOB.length, "")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(why)
        .hasMessageNotContaining("not-to-be-seen");
  }

  @Test
  void a_blob_comes_from_below_any_path_with_the_secret() throws Exception {
    Path file = folder.resolve("a").resolve(FolderStore.blobPath(DIGEST));
    Files.createDirectories(file.resolveSibling(""));
    Files.write(file, BLOB);
    try (WebFolder web = WebFolder.of(folder)) {
      for (String url : List.of(web.url() + "/a", web.url() + "/a/")) {
        assertThat(new HttpSource(url, SECRET, fetches).blob(BlobWish.any(DIGEST))).isEqualTo(BLOB);
      }
      assertThat(web.authorizations).containsOnly(SECRET.reveal());
      ReleaseFetches.Counts counts =
          fetches.of(ReleaseFetches.From.LOCATION, ReleaseFetches.Form.WHOLE);
      assertThat(counts.bytes().sum()).isEqualTo(2L * BLOB.length);
      assertThat(counts.blobs().sum()).isEqualTo(2);
      refused(sources(web), web.url() + ": has it not (404)");
      refused(sources(web), "regions: there is no other region");
    }
  }

  @Test
  void what_is_wrong_huge_or_hangs_is_refused() throws Exception {
    try (WebFolder wrong = WebFolder.of(x -> WebFolder.give(x, 200, "a modeL".getBytes(UTF_8)));
        WebFolder huge = WebFolder.of(x -> WebFolder.give(x, 200, new byte[5_000_000]));
        WebFolder failing = WebFolder.of(x -> WebFolder.give(x, 500, BLOB));
        WebFolder silent = WebFolder.of(x -> sleep());
        WebFolder slow =
            WebFolder.of(
                x -> {
                  x.sendResponseHeaders(200, BLOB.length);
                  x.getResponseBody().write(BLOB, 0, 3);
                  x.getResponseBody().flush();
                  sleep();
                })) {
      refused(sources(wrong), "other bytes");
      refused(sources(huge), "more than 7 bytes");
      refused(sources(failing), "answers (500)");
      refused(sources(silent, SHORT), "in time");
      refused(sources(slow, SHORT), "no whole answer within");
    }
    WebFolder gone = WebFolder.of(folder);
    gone.close();
    refused(sources(gone), "cannot be reached");
  }

  private static void sleep() {
    try {
      Thread.sleep(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void a_redirect_is_followed_on_the_same_host_only() throws Exception {
    try (WebFolder other = WebFolder.of(x -> WebFolder.give(x, 200, BLOB));
        WebFolder away =
            WebFolder.of(
                x -> {
                  x.getResponseHeaders().set("location", other.url() + "/taken");
                  WebFolder.give(x, 302, new byte[0]);
                });
        WebFolder near =
            WebFolder.of(
                x -> {
                  if (x.getRequestURI().getPath().equals("/new")) {
                    WebFolder.give(x, 200, BLOB);
                  } else {
                    x.getResponseHeaders().set("location", "/new");
                    WebFolder.give(x, 301, new byte[0]);
                  }
                });
        WebFolder round =
            WebFolder.of(
                x -> {
                  x.getResponseHeaders().set("location", x.getRequestURI().getPath());
                  WebFolder.give(x, 302, new byte[0]);
                })) {
      refused(sources(away), "redirects to another host (" + other.url() + ")");
      assertThat(other.authorizations).as("no secret went there").isEmpty();
      assertThat(sources(near).blob(BlobWish.any(DIGEST))).isEqualTo(BLOB);
      refused(sources(round), "redirects more than 3 times");
    }
  }

  @Test
  void a_manifest_is_taken_with_a_trusted_signature_and_the_right_id_only() throws Exception {
    Manifest manifest =
        new Manifest(
            1,
            "",
            "ops",
            1,
            "m",
            Manifest.Action.APPLY,
            DIGEST,
            List.of(new Manifest.Blob(DIGEST, BLOB.length)));
    ReleaseRef ref = new ReleaseRef(1, manifest.id());
    SignedManifest own = keys("own").sign(manifest);
    SignedManifest strange = keys("strange").sign(manifest);
    try (WebFolder good = WebFolder.of(x -> WebFolder.give(x, 200, own.document()));
        WebFolder bad = WebFolder.of(x -> WebFolder.give(x, 200, strange.document()));
        WebFolder broken = WebFolder.of(x -> WebFolder.give(x, 200, BLOB))) {
      assertThat(sources(good).manifest(ref)).isEqualTo(own.document());
      assertThatThrownBy(() -> sources(bad).manifest(ref)).hasMessageContaining(strange.keyId());
      assertThatThrownBy(() -> sources(good).manifest(new ReleaseRef(1, DIGEST)))
          .hasMessageContaining("another release of that number");
      assertThatThrownBy(() -> sources(broken).manifest(ref)).isInstanceOf(IOException.class);
    }
  }
}
