package io.openclaw.release;

import io.openclaw.yaml.ConfigReader;
import io.openclaw.yaml.YamlTree;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Documents of models and samples of tenants that are blobs, named by digest. For one reading. */
public final class BlobModels implements ModelFiles {
  private final Function<String, Found<byte[]>> blobs;
  private final Set<String> missing = new LinkedHashSet<>();
  private final Set<String> tooLarge = new LinkedHashSet<>();

  /**
   * @param blobs the blob of a digest, verified
   */
  public BlobModels(Function<String, Found<byte[]>> blobs) {
    this.blobs = blobs;
  }

  @Override
  public String member() {
    return "sha256";
  }

  @Override
  public byte @Nullable [] bytes(YamlTree.Branch model, String path, ConfigReader reader) {
    return bytes(model, path, "sha256", MODEL_BYTES_MAX, reader);
  }

  @Override
  public byte @Nullable [] samples(YamlTree.Branch tenant, String path, ConfigReader reader) {
    return bytes(tenant, path, "samples", SampleSet.BYTES_MAX, reader);
  }

  private byte @Nullable [] bytes(
      YamlTree.Branch owner, String path, String member, int bytesMax, ConfigReader reader) {
    Optional<YamlTree.Leaf> leaf = reader.leaf(owner, path, member);
    String digest = leaf.map(YamlTree.Leaf::text).orElse("");
    if (!Sha256.isHex(digest)) {
      reader.complain(
          leaf.map(YamlTree.Leaf::place).orElse(owner.place()),
          path + "." + member + ": " + digest + " (expected: the SHA-256 of the document)");
      return null;
    }
    String place = leaf.orElseThrow().place();
    Found<byte[]> found = blobs.apply(digest);
    if (!(found instanceof Found.Whole<byte[]>(byte[] bytes))) {
      complain(missing, reader, place, path + "." + member + ": " + found.fault());
      return null;
    }
    if (bytes.length > bytesMax) {
      String subject = member.equals("sha256") ? path : path + "." + member;
      complain(
          tooLarge,
          reader,
          place,
          subject + ": " + bytes.length + " bytes (expected: at most " + bytesMax + ")");
      return null;
    }
    return bytes;
  }

  private static void complain(Set<String> kind, ConfigReader reader, String place, String what) {
    kind.add(place + ": " + what);
    reader.complain(place, what);
  }

  /** The complaints about documents that are not there. */
  Set<String> missing() {
    return missing;
  }

  /** The complaints about documents that are too large. */
  Set<String> tooLarge() {
    return tooLarge;
  }
}
