package io.openclaw.release;

import io.openclaw.domain.Json;
import io.openclaw.domain.Violation;
import io.openclaw.yaml.ConfigReader;
import io.openclaw.yaml.YamlTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON document as the tree that configuration is read from, without a detour over YAML; the
 * place of each value is its JSON Pointer. For one document.
 */
final class JsonTree {
  private final ConfigReader reader;

  /** Lists name the same models again and again. */
  private final Map<String, String> texts = new HashMap<>();

  private JsonTree(ConfigReader reader) {
    this.reader = reader;
  }

  /** The tree of an object; nulls are complained about. */
  static YamlTree.Branch of(Json.Obj root, ConfigReader reader) {
    return new JsonTree(reader).branch("", root);
  }

  private YamlTree.Branch branch(String pointer, Json.Obj object) {
    Map<String, YamlTree> members = new LinkedHashMap<>();
    object
        .members()
        .forEach(
            (name, value) -> members.put(name, tree(pointer + Violation.pointerTo(name), value)));
    return new YamlTree.Branch(pointer, members);
  }

  private YamlTree tree(String pointer, Json value) {
    return switch (value) {
      case Json.Obj object -> branch(pointer, object);
      case Json.Arr array -> {
        List<YamlTree> elements = new ArrayList<>(array.elements().size());
        for (int i = 0; i < array.elements().size(); i++) {
          Json element = array.elements().get(i);
          // A list of texts is one value to whoever reads it, and has one place.
          elements.add(
              element instanceof Json.Str text
                  ? new YamlTree.Leaf(pointer, texts.computeIfAbsent(text.value(), t -> t))
                  : tree(pointer + "/" + i, element));
        }
        yield new YamlTree.Items(pointer, elements);
      }
      case Json.Str text -> new YamlTree.Leaf(pointer, text.value());
      case Json.Num number -> new YamlTree.Leaf(pointer, number.text());
      case Json.Bool bool -> new YamlTree.Leaf(pointer, bool == Json.Bool.TRUE ? "true" : "false");
      case Json.Null none -> {
        reader.complain(pointer, "null (expected: a value, or no such member)");
        yield new YamlTree.Leaf(pointer, "");
      }
    };
  }
}
