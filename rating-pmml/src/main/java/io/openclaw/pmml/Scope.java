package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields that a model sees: its own, then those of the model around it. Derived fields are
 * compiled when one first asks for them, into the steps of the scope that has them. For one thread.
 */
final class Scope {
  /** Derived fields inside one another. */
  private static final int DEPTH_MAX = 200;

  final Build build;

  /** Whether its fields are the parameters of a function. */
  boolean isFunction;

  /** What segments predict that name no target of their own; null where they are on their own. */
  @Nullable Target segments;

  private final @Nullable Scope parent;
  private final Map<String, Field> fields = new HashMap<>();
  private final Map<String, XmlNode> derived = new HashMap<>();
  private final Set<String> underWay = new HashSet<>();
  private final List<Step> steps = new ArrayList<>();

  Scope(Build build, @Nullable Scope parent) {
    this.build = build;
    this.parent = parent;
  }

  /** What a model in this scope predicts as one of several segments; null where it is none. */
  @Nullable Target around() {
    return parent == null ? null : parent.segments;
  }

  void add(Field field) {
    fields.put(field.name(), field);
  }

  void add(Step step) {
    steps.add(step);
  }

  /** Makes the derived fields below an element known. */
  void derive(@Nullable XmlNode transformations) throws ModelException {
    if (transformations == null) {
      return;
    }
    for (XmlNode each : transformations.children("DerivedField")) {
      String name = each.require("name");
      if (derived.put(name, each) != null) {
        throw each.wrong("DerivedField " + XmlNode.shown(name), "each name once");
      }
    }
  }

  /** The field of this name; null where there is none. */
  @Nullable Field find(XmlNode at, String name) throws ModelException {
    Field known = fields.get(name);
    if (known != null) {
      return known;
    }
    XmlNode written = derived.get(name);
    if (written != null) {
      if (!underWay.add(name) || underWay.size() > DEPTH_MAX) {
        throw written.wrong(
            "DerivedField " + XmlNode.shown(name) + " that leads to itself or too deep",
            "a chain of at most " + DEPTH_MAX);
      }
      Field made = DerivedFields.compile(written, this);
      underWay.remove(name);
      fields.put(name, made);
      return made;
    }
    return parent == null ? null : parent.find(at, name);
  }

  /** The expression itself, or that of the derived field it refers to. */
  XmlNode expression(XmlNode written) {
    String field = written.name.equals("FieldRef") ? written.get("field") : null;
    for (Scope at = this; field != null && at != null; at = at.parent) {
      XmlNode known = at.derived.get(field);
      if (known != null) {
        known.ignore();
        return known.children().size() == 1 ? known.children().getFirst() : written;
      }
    }
    return written;
  }

  Field require(XmlNode at, String name) throws ModelException {
    Field found = find(at, name);
    if (found == null) {
      throw at.wrong("field " + XmlNode.shown(name), "one of the MiningSchema or derived");
    }
    return found;
  }

  /** The derived fields compiled so far that nobody asked for are left out; the rest in order. */
  Step[] steps() {
    return steps.toArray(new Step[0]);
  }

  /** Marks derived fields that nobody asked for as looked at. */
  void ignoreUnused() {
    derived.forEach(
        (name, node) -> {
          if (!fields.containsKey(name)) {
            node.ignore();
          }
        });
  }
}
