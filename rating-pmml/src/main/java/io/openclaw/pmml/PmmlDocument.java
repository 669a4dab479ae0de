package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled PMML document. Immutable and thread-safe.
 *
 * @param template a frame's numbers before anything is known
 * @param steps of the transformation dictionary
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record PmmlDocument(
    Build build,
    List<MiningFields.Input> inputs,
    Compiled model,
    Step[] steps,
    double[] template,
    XmlNode root,
    XmlNode element) {
  static PmmlDocument read(byte[] bytes) throws ModelException {
    XmlNode root = XmlReader.read(bytes);
    if (!root.name.equals("PMML")) {
      throw root.wrong("<" + XmlNode.shown(root.name) + ">", "<PMML>");
    }
    String version = root.require("version");
    if (!version.matches("3\\.[0-2]|4\\.[0-4](\\.\\d)?")) {
      throw root.wrong("version " + XmlNode.shown(version), "3.0 to 4.4");
    }
    try {
      return compile(root);
    } catch (IllegalArgumentException e) {
      throw root.wrong(XmlNode.shown(String.valueOf(e.getMessage())), "a model within its bounds");
    }
  }

  private static PmmlDocument compile(XmlNode root) throws ModelException {
    Build build = new Build();
    for (XmlNode field : root.requireChild("DataDictionary").children("DataField")) {
      if (build.dictionary.put(field.require("name"), field) != null) {
        throw field.wrong("DataField " + XmlNode.shown(field.require("name")), "each once");
      }
    }
    XmlNode element = null;
    for (XmlNode child : root.children()) {
      if (child.name.equals("DataDictionary") || child.name.equals("TransformationDictionary")) {
        continue;
      }
      if (!ModelCompiler.NAMES.contains(child.name)) {
        throw child.unsupported();
      }
      if (element != null) {
        throw child.wrong("a second model", "one");
      }
      element = child;
    }
    if (element == null) {
      throw root.wrong("no model", "one of " + ModelCompiler.NAMES);
    }
    means(element, build);
    Scope scope = new Scope(build, null);
    List<MiningFields.Input> inputs = MiningFields.inputs(element, scope);
    XmlNode transformations = root.child("TransformationDictionary");
    if (transformations != null) {
      for (XmlNode each : transformations.children("DefineFunction")) {
        build.functions.put(each.require("name"), each);
      }
      scope.derive(transformations);
    }
    Compiled model = ModelCompiler.compile(element, scope, true);
    scope.ignoreUnused();
    unused(root, build, transformations);
    root.refuseUnread();
    double[] template = new double[build.size()];
    Arrays.fill(template, Double.NaN);
    return new PmmlDocument(build, inputs, model, scope.steps(), template, root, element);
  }

  /** What the document describes and nothing uses is no reason to refuse it. */
  private static void unused(XmlNode root, Build build, @Nullable XmlNode transformations)
      throws ModelException {
    if (transformations != null) {
      build.functions.values().forEach(each -> ignoreUncalled(each));
    }
    for (XmlNode field : root.requireChild("DataDictionary").children("DataField")) {
      field.ignore();
    }
    XmlNode verification = elementOf(root).child("ModelVerification");
    if (verification != null) {
      verification.ignore();
    }
  }

  private static void ignoreUncalled(XmlNode function) {
    if (!function.wasRead()) {
      function.ignore();
    }
  }

  private static XmlNode elementOf(XmlNode root) throws ModelException {
    for (XmlNode child : root.children()) {
      if (ModelCompiler.NAMES.contains(child.name)) {
        return child;
      }
    }
    throw root.wrong("no model", "one");
  }

  /** The means of fields, where the model tells them: what contributions are measured against. */
  private static void means(XmlNode element, Build build) throws ModelException {
    XmlNode stats = element.child("ModelStats");
    if (stats == null) {
      return;
    }
    for (XmlNode each : stats.children("UnivariateStats")) {
      XmlNode numeric = each.child("NumericInfo");
      String field = each.get("field");
      if (field != null && numeric != null && !Double.isNaN(numeric.number("mean"))) {
        build.means.put(field, numeric.number("mean"));
      }
    }
  }

  /** What a loaded model keeps of it. */
  Program program() {
    String[] names = new String[template.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = build.name(i);
    }
    return new Program(build.symbols, names, template, steps, model.program(), model.outcome());
  }
}
