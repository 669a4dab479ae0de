package io.openclaw.yaml;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A YAML document as maps, lists and texts that remember the file and line they came from, so that
 * every complaint can name them.
 */
public sealed interface YamlTree {
  /** Bytes of one configuration file. */
  int FILE_BYTES_MAX = 64 << 20;

  /** Maps, lists and texts of one file. */
  int VALUES_MAX = 2_000_000;

  /** {@code file:line:column}. */
  String place();

  record Leaf(String place, String text) implements YamlTree {}

  record Items(String place, List<YamlTree> elements) implements YamlTree {}

  record Branch(String place, Map<String, YamlTree> members) implements YamlTree {
    public Branch {
      members = new LinkedHashMap<>(members);
    }

    public static Branch empty() {
      return new Branch("", Map.of());
    }

    public @Nullable YamlTree get(String name) {
      return members.get(name);
    }

    /** This branch overlaid by another: branches member by member, everything else replaced. */
    public Branch overlaidBy(Branch other) {
      Branch merged = new Branch(other.place, members);
      other.members.forEach(
          (name, value) ->
              merged.members.merge(
                  name,
                  value,
                  (below, above) ->
                      below instanceof Branch b && above instanceof Branch a
                          ? b.overlaidBy(a)
                          : above));
      return merged;
    }
  }

  /** Reads a file that holds one map; an empty file is an empty map. */
  static Branch read(Path file) throws ConfigException {
    try {
      if (Files.size(file) > FILE_BYTES_MAX) {
        throw new ConfigException(List.of(file + ": larger than " + FILE_BYTES_MAX + " bytes"));
      }
      return parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new ConfigException(
          List.of(
              file
                  + ": cannot be read ("
                  + e.getClass().getSimpleName()
                  + "); name a readable YAML file"));
    }
  }

  /** Reads a document that holds one map. */
  static Branch parse(String name, String document) throws ConfigException {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(name)
            .setUseMarks(true)
            .setAllowDuplicateKeys(false)
            .setMaxAliasesForCollections(50)
            .setCodePointLimit(FILE_BYTES_MAX)
            .build();
    try {
      Optional<Node> root = new Compose(settings).composeString(document);
      if (root.isEmpty()) {
        return Branch.empty();
      }
      Growing growing = new Growing(name);
      YamlTree tree = growing.tree(root.get());
      if (!growing.problems.isEmpty()) {
        throw new ConfigException(growing.problems);
      }
      if (tree instanceof Branch branch) {
        return branch;
      }
      throw new ConfigException(List.of(tree.place() + ": (expected: a map of settings)"));
    } catch (MarkedYamlEngineException e) {
      throw new ConfigException(
          List.of(place(name, e.getProblemMark()) + ": not valid YAML: " + e.getProblem()));
    } catch (YamlEngineException e) {
      throw new ConfigException(List.of(name + ": not valid YAML: " + e.getMessage()));
    } catch (StackOverflowError e) {
      throw new ConfigException(List.of(name + ": nested too deeply"));
    }
  }

  /** A tree in the making, in which an alias stands for a copy. */
  final class Growing {
    private final String file;
    private final List<String> problems = new ArrayList<>();
    private int values;

    private Growing(String file) {
      this.file = file;
    }

    private YamlTree tree(Node node) throws ConfigException {
      if (++values > VALUES_MAX) {
        throw new ConfigException(
            List.of(
                file
                    + ": more than "
                    + VALUES_MAX
                    + " values (an alias counts as often as it is used)"));
      }
      String place = place(file, node.getStartMark());
      return switch (node) {
        case ScalarNode scalar -> new Leaf(place, scalar.getValue());
        case SequenceNode sequence -> {
          List<YamlTree> elements = new ArrayList<>();
          for (Node element : sequence.getValue()) {
            elements.add(tree(element));
          }
          yield new Items(place, elements);
        }
        case MappingNode mapping -> new Branch(place, members(mapping));
        default -> throw new IllegalStateException("a YAML node of kind " + node.getNodeType());
      };
    }

    private Map<String, YamlTree> members(MappingNode mapping) throws ConfigException {
      Map<String, YamlTree> members = new LinkedHashMap<>();
      for (NodeTuple tuple : mapping.getValue()) {
        String at = place(file, tuple.getKeyNode().getStartMark());
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
          problems.add(at + ": a key must be text");
        } else if (members.put(key.getValue(), tree(tuple.getValueNode())) != null) {
          problems.add(at + ": " + key.getValue() + " stands here twice");
        }
      }
      return members;
    }
  }

  private static String place(String file, Optional<Mark> mark) {
    return mark.map(m -> file + ":" + (m.getLine() + 1) + ":" + (m.getColumn() + 1)).orElse(file);
  }
}
