package io.openclaw.yaml;

import io.openclaw.domain.Decimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads values out of a YAML tree and notes everything that is wrong, each complaint with its place
 * and what was expected.
 */
public final class ConfigReader {
  private final Set<String> problems = new LinkedHashSet<>();

  /** Notes a complaint, once. */
  public void complain(String place, String what) {
    problems.add(place.isEmpty() ? what : place + ": " + what);
  }

  /** Throws where anything was wrong. */
  public void finish() throws ConfigException {
    if (!problems.isEmpty()) {
      throw new ConfigException(List.copyOf(problems));
    }
  }

  public boolean isClean() {
    return problems.isEmpty();
  }

  /** Complains about members that are none of {@code known}. */
  public void onlyKnown(YamlTree.Branch branch, String path, Collection<String> known) {
    branch
        .members()
        .forEach(
            (name, value) -> {
              if (!known.contains(name)) {
                complain(
                    value.place(),
                    join(path, name) + ": unknown (expected: one of " + new TreeSet<>(known) + ")");
              }
            });
  }

  /** The branch of that name; empty where there is none. */
  public YamlTree.Branch branch(YamlTree.Branch parent, String path, String name) {
    YamlTree value = parent.get(name);
    return switch (value) {
      case null -> YamlTree.Branch.empty();
      case YamlTree.Branch branch -> branch;
      case YamlTree.Leaf leaf when leaf.text().isEmpty() ->
          new YamlTree.Branch(leaf.place(), Map.of());
      case YamlTree.Leaf leaf -> {
        complain(leaf.place(), join(path, name) + ": " + leaf.text() + " (expected: a map)");
        yield YamlTree.Branch.empty();
      }
      case YamlTree.Items items -> {
        complain(items.place(), join(path, name) + ": a list (expected: a map)");
        yield YamlTree.Branch.empty();
      }
    };
  }

  /** The branches inside a branch, by name. */
  public Map<String, YamlTree.Branch> branches(YamlTree.Branch parent, String path) {
    Map<String, YamlTree.Branch> branches = new LinkedHashMap<>();
    for (String name : parent.members().keySet()) {
      branches.put(name, branch(parent, path, name));
    }
    return branches;
  }

  /** The text of that name. */
  public Optional<YamlTree.Leaf> leaf(YamlTree.Branch parent, String path, String name) {
    @Nullable YamlTree value = parent.get(name);
    if (value == null || value instanceof YamlTree.Leaf) {
      return Optional.ofNullable((YamlTree.Leaf) value);
    }
    complain(value.place(), join(path, name) + ": (expected: one value)");
    return Optional.empty();
  }

  public String text(YamlTree.Branch parent, String path, String name, String fallback) {
    return leaf(parent, path, name).map(YamlTree.Leaf::text).orElse(fallback);
  }

  /** The texts of a list; a single text stands for a list of one. */
  public List<String> texts(YamlTree.Branch parent, String path, String name) {
    @Nullable YamlTree value = parent.get(name);
    List<String> texts = new ArrayList<>();
    switch (value) {
      case null -> {}
      case YamlTree.Leaf leaf -> texts.add(leaf.text());
      case YamlTree.Branch branch ->
          complain(branch.place(), join(path, name) + ": a map (expected: a list)");
      case YamlTree.Items items -> {
        for (YamlTree element : items.elements()) {
          if (element instanceof YamlTree.Leaf leaf) {
            texts.add(leaf.text());
          } else {
            complain(element.place(), join(path, name) + ": (expected: a list of texts)");
          }
        }
      }
    }
    return texts;
  }

  public long number(
      YamlTree.Branch parent, String path, String name, long fallback, long min, long max) {
    Optional<YamlTree.Leaf> leaf = leaf(parent, path, name);
    if (leaf.isEmpty()) {
      return fallback;
    }
    try {
      long number = Long.parseLong(leaf.get().text().replace("_", ""));
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // complained about below
    }
    complain(
        leaf.get().place(),
        join(path, name)
            + ": "
            + leaf.get().text()
            + " (expected: a whole number, "
            + min
            + " to "
            + max
            + ")");
    return fallback;
  }

  public @Nullable Decimal decimal(YamlTree.Branch parent, String path, String name) {
    Optional<YamlTree.Leaf> leaf = leaf(parent, path, name);
    if (leaf.isEmpty()) {
      return null;
    }
    try {
      return Decimal.of(leaf.get().text());
    } catch (NumberFormatException | ArithmeticException e) {
      complain(
          leaf.get().place(),
          join(path, name) + ": " + leaf.get().text() + " (expected: a number)");
      return null;
    }
  }

  public static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
