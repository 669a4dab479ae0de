package io.openclaw.release;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A manifest with an Ed25519 signature over its canonical bytes.
 *
 * @param keyId the first 16 hex digits of the SHA-256 of the public key that checks it
 */
@SuppressWarnings("ArrayRecordComponent") // handed over
public record SignedManifest(Manifest manifest, String keyId, byte[] signature) {
  /** Bytes of a signed manifest's document. */
  public static final int DOCUMENT_BYTES_MAX = 2 << 20;

  private static final Set<String> MEMBERS = Set.of("key", "manifest", "signature");
  private static final int SIGNATURE_BYTES = 64;

  public SignedManifest {
    if (!keyId.matches("[0-9a-f]{16}")) {
      throw new IllegalArgumentException("key: " + keyId + " (expected: 16 hex digits)");
    }
    if (signature.length != SIGNATURE_BYTES) {
      throw new IllegalArgumentException(
          "signature: " + signature.length + " bytes (expected: " + SIGNATURE_BYTES + ")");
    }
  }

  /** SHA-256 of the manifest's bytes. */
  public String id() {
    return manifest.id();
  }

  /** The release as other nodes and files hold it: {@code {"key", "manifest", "signature"}}. */
  public Json.Obj json() {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("key", new Json.Str(keyId));
    members.put("manifest", manifest.json());
    members.put("signature", new Json.Str(Base64.getEncoder().encodeToString(signature)));
    return new Json.Obj(members);
  }

  /** The canonical bytes of {@link #json}. */
  public byte[] document() {
    return CanonicalJson.write(json());
  }

  /**
   * Reads what {@link #document} wrote, every byte of it; the signature is still to be checked.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  public static SignedManifest read(byte[] document) {
    if (document.length > DOCUMENT_BYTES_MAX) {
      throw new IllegalArgumentException(
          document.length + " bytes (expected: at most " + DOCUMENT_BYTES_MAX + ")");
    }
    Json json;
    try {
      json = JsonReader.read(document);
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException(
          "not JSON: " + e.detail() + " (line " + e.line() + ", column " + e.column() + ")", e);
    }
    Json.Obj object = Manifest.object("a signed manifest", json, MEMBERS);
    if (!CanonicalJson.isFormOf(object, document)) {
      throw new IllegalArgumentException("not canonical JSON (RFC 8785)");
    }
    return new SignedManifest(
        Manifest.of(java.util.Objects.requireNonNull(object.get("manifest"))),
        Manifest.text(object, "key"),
        Base64.getDecoder().decode(Manifest.text(object, "signature")));
  }
}
