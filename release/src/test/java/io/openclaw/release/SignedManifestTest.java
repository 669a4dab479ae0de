package io.openclaw.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignedManifestTest {
  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);

  @TempDir Path folder = Path.of("");

  static Manifest manifest(long version, String parent, String content) {
    return new Manifest(
        version,
        parent,
        "ops",
        1_795_000_000_000L,
        "why \"not\"",
        Manifest.Action.APPLY,
        content,
        List.of(new Manifest.Blob(B, 2), new Manifest.Blob(A, 1)));
  }

  private ReleaseKeys keys() throws IOException {
    return ReleaseKeys.open(folder);
  }

  @Test
  void a_manifest_survives_its_document() throws Exception {
    SignedManifest signed = keys().sign(manifest(2, B, A));
    SignedManifest read = SignedManifest.read(signed.document());
    assertThat(read.manifest()).isEqualTo(signed.manifest());
    assertThat(read.id()).isEqualTo(Sha256.hex(signed.manifest().bytes()));
    assertThat(keys().fault(read)).as("after loading the keys again").isNull();
    assertThat(signed.manifest().blobs()).extracting(Manifest.Blob::sha256).containsExactly(A, B);
    assertThat(signed.keyId()).isEqualTo(keys().ownId()).hasSize(16);
  }

  /** The planted faults: every byte, changed in turn. */
  @Test
  void a_manifest_with_one_changed_byte_is_refused() throws Exception {
    ReleaseKeys keys = keys();
    byte[] good = keys.sign(manifest(2, B, A)).document();
    for (int i = 0; i < good.length; i++) {
      for (int change : new int[] {1, 0x20, 0x80}) {
        byte[] bad = good.clone();
        bad[i] ^= (byte) change;
        assertThat(isTaken(keys, bad)).as("byte " + i + ": " + new String(bad, UTF_8)).isFalse();
      }
    }
    assertThat(isTaken(keys, good)).isTrue();
  }

  private static boolean isTaken(ReleaseKeys keys, byte[] document) {
    try {
      return keys.fault(SignedManifest.read(document)) == null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Test
  void a_manifest_that_no_trusted_key_signed_is_refused(@TempDir Path other) throws Exception {
    ReleaseKeys stranger = ReleaseKeys.open(other);
    SignedManifest theirs = stranger.sign(manifest(1, "", A));
    assertThat(keys().fault(theirs)).contains("signed by the key " + stranger.ownId());
    SignedManifest borrowed =
        new SignedManifest(theirs.manifest(), keys().ownId(), theirs.signature());
    assertThat(keys().fault(borrowed)).contains("does not fit");
    assertThat(keys().fault(new SignedManifest(theirs.manifest(), keys().ownId(), new byte[64])))
        .as("unsigned")
        .isNotNull();

    Files.writeString(
        folder.resolve(ReleaseKeys.TRUSTED_FILE), "# theirs\n" + stranger.ownPublicKey() + "\n");
    assertThat(keys().fault(theirs)).as("once trusted").isNull();
  }

  @Test
  void where_trust_is_pinned_a_key_that_a_region_told_before_counts_no_more(@TempDir Path other)
      throws Exception {
    ReleaseKeys stranger = ReleaseKeys.open(other);
    SignedManifest theirs = stranger.sign(manifest(1, "", A));
    assertThat(keys().learn(stranger.ownPublicKey())).isTrue();
    assertThat(keys().fault(theirs)).isNull();
    ReleaseKeys pinned = ReleaseKeys.open(folder, false);
    assertThat(pinned.fault(theirs)).contains("signed by the key " + stranger.ownId());
    assertThat(pinned.toldByRegions()).containsExactly(pinned.ownPublicKey());
    assertThat(keys().toldByRegions()).as("nothing is forgotten").hasSize(2);
  }

  @Test
  void the_private_key_is_for_its_owner_alone_and_a_damaged_one_is_no_key() throws Exception {
    keys();
    Path file = folder.resolve(ReleaseKeys.KEY_FILE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    List<String> lines = Files.readAllLines(file);
    for (List<String> bad :
        List.of(
            lines.reversed(), List.of(lines.getFirst()), List.of("x", "y"), List.<String>of())) {
      Files.write(file, bad);
      assertThatThrownBy(this::keys)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("damaged");
    }
  }

  @Test
  void every_member_has_its_bounds() {
    assertThatThrownBy(() -> manifest(0, "", A)).hasMessageContaining("version: 0");
    assertThatThrownBy(() -> manifest(1, B, A)).hasMessageContaining("parent");
    assertThatThrownBy(() -> manifest(2, "x", A)).hasMessageContaining("parent");
    assertThat(manifest(2, "", A).parent()).as("version 1 was refused").isEmpty();
    assertThatThrownBy(() -> manifest(2, B, "c".repeat(64)))
        .hasMessageContaining("one of the blobs");
    assertThatThrownBy(() -> manifest(2, B, "C")).hasMessageContaining("SHA-256");
    assertThatThrownBy(() -> new Manifest.Blob(A, Manifest.BLOB_BYTES_MAX + 1))
        .hasMessageContaining("size");
    for (String bad : List.of("", "  ", "x".repeat(Manifest.MESSAGE_LENGTH_MAX + 1))) {
      assertThatThrownBy(() -> with(bad, List.of(new Manifest.Blob(A, 1))))
          .hasMessageContaining("message");
    }
    assertThatThrownBy(() -> with("m", Collections.nCopies(2, new Manifest.Blob(A, 1))))
        .hasMessageContaining("twice");
  }

  private static Manifest with(String message, List<Manifest.Blob> blobs) {
    return new Manifest(1, "", "ops", 0, message, Manifest.Action.WRITE, A, blobs);
  }
}
