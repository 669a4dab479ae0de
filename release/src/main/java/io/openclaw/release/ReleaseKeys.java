package io.openclaw.release;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The key that this node signs releases with, and the public keys whose releases it takes.
 *
 * <p>{@code release.key} holds the pair, two lines of Base64 that only its owner may read; {@code
 * release.trusted}, where it is there, holds more public keys, one a line (X.509, Base64). A
 * release that none of them signed is refused. {@code release.peers} holds those that other regions
 * told over the mesh. Thread-safe.
 */
public final class ReleaseKeys {
  /** The file with this node's key pair. */
  public static final String KEY_FILE = "release.key";

  /** The file with the public keys of others. */
  public static final String TRUSTED_FILE = "release.trusted";

  /** The file with the public keys that other regions told. */
  public static final String PEERS_FILE = "release.peers";

  /** Keys that other regions may tell, all lives of all regions together. */
  static final int PEERS_MAX = 1_000;

  private static final String ALGORITHM = "Ed25519";

  private final PrivateKey own;
  private final String ownId;
  private final Path peers;
  private volatile Map<String, PublicKey> trusted;
  private volatile List<String> told = List.of();

  private ReleaseKeys(PrivateKey own, String ownId, Path peers, Map<String, PublicKey> trusted) {
    this.own = own;
    this.ownId = ownId;
    this.peers = peers;
    this.trusted = trusted;
  }

  /**
   * Trusts a key that another region told, also after a restart.
   *
   * @param publicKey X.509 in Base64
   * @return whether it was not trusted before
   * @throws IllegalArgumentException where it is none, or there are too many
   */
  public synchronized boolean learn(String publicKey) throws IOException {
    if (told.contains(publicKey)) {
      return false; // each row of each region tells them all again
    }
    Map<String, PublicKey> next = new TreeMap<>(trusted);
    try {
      trust(next, KeyFactory.getInstance(ALGORITHM), publicKey);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("no public Ed25519 key", e);
    }
    if (next.size() == trusted.size()) {
      return false;
    }
    List<String> lines = new ArrayList<>();
    if (Files.exists(peers)) {
      lines.addAll(Files.readAllLines(peers, StandardCharsets.ISO_8859_1));
    }
    if (lines.size() >= PEERS_MAX) {
      throw new IllegalArgumentException("more than " + PEERS_MAX + " keys of other regions");
    }
    lines.add(publicKey);
    DurableFile.replace(
        peers, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.US_ASCII), false);
    trusted = next;
    told = told(lines);
    return true;
  }

  private List<String> told(List<String> lines) {
    List<String> keys = new ArrayList<>(List.of(ownPublicKey()));
    int rest = RegionRow.PUBLIC_KEYS_MAX - 1;
    keys.addAll(lines.subList(Math.max(0, lines.size() - rest), lines.size()));
    return List.copyOf(keys);
  }

  /** Loads the keys of a data folder, with those that other regions told. */
  public static ReleaseKeys open(Path folder) throws IOException {
    return open(folder, true);
  }

  /**
   * Loads the keys of a data folder; makes a pair where there is none.
   *
   * @param withTold whether to trust, and tell on, the keys that other regions told, ever
   * @throws IOException with a message for a person where a file is damaged
   */
  public static ReleaseKeys open(Path folder, boolean withTold) throws IOException {
    Path file = folder.resolve(KEY_FILE);
    try {
      if (!Files.exists(file)) {
        KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
        String text =
            base64(pair.getPrivate().getEncoded())
                + "\n"
                + base64(pair.getPublic().getEncoded())
                + "\n";
        DurableFile.replace(file, text.getBytes(StandardCharsets.US_ASCII), true);
      }
      KeyFactory factory = KeyFactory.getInstance(ALGORITHM);
      List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
      if (lines.size() != 2) {
        throw new IllegalArgumentException(lines.size() + " lines");
      }
      PrivateKey own = factory.generatePrivate(new PKCS8EncodedKeySpec(bytes(lines.getFirst())));
      Map<String, PublicKey> trusted = new TreeMap<>();
      String ownId = trust(trusted, factory, lines.getLast());
      ReleaseKeys keys = new ReleaseKeys(own, ownId, folder.resolve(PEERS_FILE), trusted);
      if (keys.fault(ownId, new byte[0], keys.signature(new byte[0])) != null) {
        throw new IllegalArgumentException("the two keys are no pair");
      }
      readTrusted(folder.resolve(TRUSTED_FILE), factory, trusted);
      List<String> told = List.of();
      if (withTold && Files.exists(keys.peers)) {
        readTrusted(keys.peers, factory, trusted);
        told = Files.readAllLines(keys.peers, StandardCharsets.ISO_8859_1);
      }
      keys.told = keys.told(told);
      return keys;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw damaged(file, "a private and a public Ed25519 key in Base64", e);
    }
  }

  private static void readTrusted(Path file, KeyFactory factory, Map<String, PublicKey> trusted)
      throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      try {
        trust(trusted, factory, line.strip());
      } catch (GeneralSecurityException | IllegalArgumentException e) {
        throw damaged(file, "public Ed25519 keys in Base64, one a line", e);
      }
    }
  }

  private static String trust(Map<String, PublicKey> trusted, KeyFactory factory, String line)
      throws GeneralSecurityException {
    byte[] encoded = bytes(line);
    String id = Sha256.hex(encoded).substring(0, 16);
    trusted.put(id, factory.generatePublic(new X509EncodedKeySpec(encoded)));
    return id;
  }

  private static IOException damaged(Path file, String expected, Exception cause) {
    return new IOException(
        "the file "
            + file.getFileName()
            + " in "
            + file.toAbsolutePath().getParent()
            + " is damaged (expected: "
            + expected
            + ")",
        cause);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] bytes(String line) {
    return Base64.getDecoder().decode(line);
  }

  /** The id of the key that this node signs with. */
  public String ownId() {
    return ownId;
  }

  /** The public key of this node, as {@code release.trusted} of another takes it. */
  public String ownPublicKey() {
    return base64(java.util.Objects.requireNonNull(trusted.get(ownId)).getEncoded());
  }

  /** This node's public key, and the newest of those that other regions told. */
  public List<String> toldByRegions() {
    return told;
  }

  /** Signs a manifest with this node's key. */
  public SignedManifest sign(Manifest manifest) {
    try {
      return new SignedManifest(manifest, ownId, signature(manifest.bytes()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the key was tried when it was loaded", e);
    }
  }

  private byte[] signature(byte[] bytes) throws GeneralSecurityException {
    Signature signature = Signature.getInstance(ALGORITHM);
    signature.initSign(own);
    signature.update(bytes);
    return signature.sign();
  }

  /** Why a release is not to be trusted; null where a trusted key has signed it. */
  public @Nullable String fault(SignedManifest signed) {
    return fault(signed.keyId(), signed.manifest().bytes(), signed.signature());
  }

  private @Nullable String fault(String keyId, byte[] bytes, byte[] signed) {
    PublicKey key = trusted.get(keyId);
    if (key == null) {
      return "signed by the key " + keyId + " (expected: one of " + trusted.keySet() + ")";
    }
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initVerify(key);
      signature.update(bytes);
      return signature.verify(signed) ? null : "the signature does not fit the manifest";
    } catch (GeneralSecurityException e) {
      return "the signature is none";
    }
  }
}
