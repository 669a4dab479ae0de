package io.openclaw.release;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Tenant;
import io.openclaw.yaml.ConfigReader;
import io.openclaw.yaml.YamlTree;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Reads the section {@code canaries} of a content, as strictly as {@link ContentReader}. */
final class CanaryReader {
  private static final List<String> MEMBERS =
      List.of("tenant", "model", "version", "weight", "sticky", "salt", "thresholds", "bins");
  private static final String WRITTEN = "`openclaw canary start` writes it";

  private final ConfigReader reader;
  private final List<YamlTree.Branch> branches = new ArrayList<>();

  CanaryReader(ConfigReader reader, YamlTree.Branch root) {
    this.reader = reader;
    YamlTree value = root.get("canaries");
    if (value != null && !(value instanceof YamlTree.Items)) {
      reader.complain(value.place(), "canaries: (expected: a list)");
    }
    List<YamlTree> elements =
        value instanceof YamlTree.Items items ? items.elements() : List.<YamlTree>of();
    for (YamlTree element : elements) {
      if (element instanceof YamlTree.Branch branch) {
        branches.add(branch);
      } else {
        reader.complain(element.place(), "canaries: (expected: maps with tenant, model, version)");
      }
    }
    if (elements.size() > Content.CANARIES_MAX) {
      reader.complain(
          value == null ? "" : value.place(),
          "canaries: " + elements.size() + " (expected: at most " + Content.CANARIES_MAX + ")");
    }
  }

  /** The names of the entries of models that canaries try. */
  Set<String> versions() {
    Set<String> names = new HashSet<>();
    for (YamlTree.Branch branch : branches) {
      names.add(ModelSpec.versioned(text(branch, "model"), text(branch, "version")));
    }
    return names;
  }

  private String text(YamlTree.Branch branch, String member) {
    return reader.text(branch, "canaries", member, "");
  }

  /**
   * The canaries as far as nothing is wrong with them.
   *
   * @param dangles hears of names of what is not there
   */
  List<CanarySpec> read(
      List<ModelSpec> models, List<Tenant> tenants, BiConsumer<String, String> dangles) {
    Map<String, ModelSpec> byName = new HashMap<>();
    models.forEach(model -> byName.put(model.name(), model));
    Map<String, Tenant> byId = new HashMap<>();
    tenants.forEach(tenant -> byId.put(tenant.id(), tenant));
    List<CanarySpec> canaries = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (YamlTree.Branch branch : branches) {
      reader.onlyKnown(branch, "canaries", MEMBERS);
      if (!seen.add(text(branch, "tenant") + "/" + text(branch, "model"))) {
        reader.complain(
            branch.place(),
            at(branch) + ": stands here twice (expected: one canary of a tenant's model)");
      }
      ModelSpec stable = stable(branch, byId, byName, dangles);
      ModelSpec tried =
          byName.get(ModelSpec.versioned(text(branch, "model"), text(branch, "version")));
      if (tried == null) {
        dangles.accept(
            branch.place(),
            at(branch)
                + ".version: "
                + text(branch, "version")
                + " (expected: a version whose entry in models is named "
                + ModelSpec.versioned(text(branch, "model"), "<version>")
                + ")");
      }
      requireStateless(branch, stable);
      requireStateless(branch, tried);
      canary(branch, stable == null ? "unknown" : stable.version()).ifPresent(canaries::add);
    }
    return canaries;
  }

  private String at(YamlTree.Branch branch) {
    return "canaries." + text(branch, "tenant") + "/" + text(branch, "model");
  }

  /** The entry that the tenant's requests to the model are rated by. */
  private @Nullable ModelSpec stable(
      YamlTree.Branch branch,
      Map<String, Tenant> tenants,
      Map<String, ModelSpec> models,
      BiConsumer<String, String> dangles) {
    Tenant tenant = tenants.get(text(branch, "tenant"));
    if (tenant == null) {
      dangles.accept(
          branch.place(),
          at(branch) + ".tenant: " + text(branch, "tenant") + " (expected: a tenant's name)");
      return null;
    }
    String model = text(branch, "model");
    List<String> own =
        tenant.models().stream().filter(name -> ModelSpec.modelOf(name).equals(model)).toList();
    if (own.isEmpty()) {
      dangles.accept(
          branch.place(),
          at(branch)
              + ".model: "
              + model
              + " (expected: one of the tenant's, "
              + new TreeSet<>(tenant.models())
              + ", without a version)");
      return null;
    }
    if (own.size() > 1) {
      reader.complain(
          branch.place(),
          at(branch) + ": the tenant rates with " + own + " (expected: one version of the model)");
    }
    return models.get(own.getFirst());
  }

  private void requireStateless(YamlTree.Branch branch, @Nullable ModelSpec model) {
    if (model != null && model.keepsState()) {
      reader.complain(
          branch.place(),
          at(branch)
              + ": "
              + model.name()
              + " is a model of kind items (expected: a model that keeps no state, since what one"
              + " version counts the other does not know)");
    }
  }

  private Optional<CanarySpec> canary(YamlTree.Branch branch, String stable) {
    String at = at(branch);
    String salt = text(branch, "salt");
    if (!salt.matches("[0-9a-f]{16}")) {
      reader.complain(
          branch.place(),
          at
              + ".salt: "
              + (salt.isEmpty() ? "missing" : salt)
              + " (expected: 16 hex digits, drawn for this canary alone and never changed; "
              + WRITTEN
              + ")");
    }
    if (branch.get("weight") == null) {
      reader.complain(branch.place(), at + ".weight: missing (expected: 0 to 100, or shadow)");
      return Optional.empty();
    }
    Optional<CanaryBins> bins = bins(branch, at);
    try {
      CanaryThresholds thresholds = thresholds(branch, at);
      if (bins.isEmpty() || !salt.matches("[0-9a-f]{16}")) {
        return Optional.empty();
      }
      return Optional.of(
          new CanarySpec(
              text(branch, "tenant"),
              text(branch, "model"),
              stable,
              text(branch, "version"),
              CanarySpec.Traffic.parse(text(branch, "weight")),
              CanarySpec.Sticky.parse(reader.text(branch, "canaries", "sticky", "key")),
              HexFormat.fromHexDigitsToLong(salt),
              bins.get(),
              thresholds));
    } catch (IllegalArgumentException e) {
      reader.complain(branch.place(), at + "." + e.getMessage());
      return Optional.empty();
    }
  }

  private CanaryThresholds thresholds(YamlTree.Branch branch, String at) {
    CanaryThresholds thresholds = CanaryThresholds.DEFAULTS;
    YamlTree.Branch told = reader.branch(branch, "canaries", "thresholds");
    for (String name : told.members().keySet()) {
      String value = reader.text(told, at + ".thresholds", name, "");
      if (!value.matches("[0-9]{1,15}(\\.[0-9]{1,9})?")) {
        throw new IllegalArgumentException(
            "thresholds." + name + ": " + value + " (expected: a number)");
      }
      thresholds = thresholds.with(name, Double.parseDouble(value));
    }
    return thresholds;
  }

  private Optional<CanaryBins> bins(YamlTree.Branch branch, String at) {
    if (branch.get("bins") == null) {
      reader.complain(
          branch.place(),
          at
              + ".bins: missing (expected: edges between classes of ratings, and reasonCodes, never"
              + " changed; "
              + WRITTEN
              + ")");
      return Optional.empty();
    }
    YamlTree.Branch told = reader.branch(branch, "canaries", "bins");
    reader.onlyKnown(told, at + ".bins", List.of("edges", "reasonCodes"));
    List<Decimal> edges = new ArrayList<>();
    for (String text : reader.texts(told, at + ".bins", "edges")) {
      try {
        edges.add(Decimal.of(text));
      } catch (NumberFormatException | ArithmeticException e) {
        reader.complain(told.place(), at + ".bins.edges: " + text + " (expected: a number)");
        return Optional.empty();
      }
    }
    try {
      return Optional.of(new CanaryBins(edges, reader.texts(told, at + ".bins", "reasonCodes")));
    } catch (IllegalArgumentException e) {
      reader.complain(told.place(), at + ".bins." + e.getMessage());
      return Optional.empty();
    }
  }
}
