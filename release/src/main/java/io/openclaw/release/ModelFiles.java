package io.openclaw.release;

import io.openclaw.yaml.ConfigReader;
import io.openclaw.yaml.YamlTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where the documents of models, and the recorded inputs of tenants, come from. */
public interface ModelFiles {
  /** The largest document. */
  int MODEL_BYTES_MAX = 16 << 20;

  /** The member of a model that names its document. */
  String member();

  /** A model's document; null where that was complained about. */
  byte @Nullable [] bytes(YamlTree.Branch model, String path, ConfigReader reader);

  /** What a tenant's {@code samples} name; null where that was complained about. */
  byte @Nullable [] samples(YamlTree.Branch tenant, String path, ConfigReader reader);

  /**
   * Files, named by {@code file}; those with {@code builtin:} before their name are a program's.
   */
  final class OnDisk implements ModelFiles {
    private static final String BUILTIN = "builtin:";

    private final Function<String, Optional<byte[]>> builtin;

    /**
     * @param builtin the program's own documents, by name
     */
    public OnDisk(Function<String, Optional<byte[]>> builtin) {
      this.builtin = builtin;
    }

    @Override
    public String member() {
      return "file";
    }

    /**
     * The model's document; a relative path starts at the folder of the configuration file that
     * names it.
     */
    @Override
    public byte @Nullable [] bytes(YamlTree.Branch branch, String path, ConfigReader reader) {
      Optional<YamlTree.Leaf> leaf = reader.leaf(branch, path, "file");
      if (leaf.isEmpty()) {
        reader.complain(branch.place(), path + ".file: missing (expected: the model's JSON file)");
        return null;
      }
      String name = leaf.get().text();
      if (name.startsWith(BUILTIN)) {
        Optional<byte[]> bytes = builtin.apply(name.substring(BUILTIN.length()));
        if (bytes.isEmpty()) {
          reader.complain(
              leaf.get().place(),
              path
                  + ".file: "
                  + name
                  + " (expected: builtin:credit-g.scorecard.json, builtin:items.json or builtin:content.json)");
        }
        return bytes.orElse(null);
      }
      return read(leaf.get(), path + ".file", MODEL_BYTES_MAX, reader);
    }

    @Override
    public byte @Nullable [] samples(YamlTree.Branch tenant, String path, ConfigReader reader) {
      Optional<YamlTree.Leaf> leaf = reader.leaf(tenant, path, "samples");
      return leaf.isEmpty()
          ? null
          : read(leaf.get(), path + ".samples", SampleSet.BYTES_MAX, reader);
    }

    private static byte @Nullable [] read(
        YamlTree.Leaf leaf, String path, int bytesMax, ConfigReader reader) {
      String name = leaf.text();
      String configFile = leaf.place().replaceFirst(":\\d+:\\d+$", "");
      Path file = Path.of(configFile).toAbsolutePath().resolveSibling(name);
      try {
        if (Files.size(file) <= bytesMax) {
          return Files.readAllBytes(file);
        }
        reader.complain(
            leaf.place(), path + ": " + file + " is larger than " + bytesMax + " bytes");
      } catch (IOException e) {
        reader.complain(leaf.place(), path + ": " + file + " cannot be read");
      }
      return null;
    }
  }
}
