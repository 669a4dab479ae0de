package io.openclaw.release;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.Tenant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The models of a proposal on trial: each loads, rates its samples, and where another version of it
 * is in force is compared with that. For one proposal.
 */
final class ModelTrials {
  /** Samples of tenants on which one model is tried. */
  static final int TENANT_SAMPLES_MAX = 10_000;

  /** Names that a note lists before it only counts them. */
  private static final int NAMES_SHOWN_MAX = 5;

  private final ModelLoader loader;
  private final Content base;
  private final Content next;
  private final ReleaseCheck.Proposal proposal;
  private final Map<String, ModelSpec> inForce = new HashMap<>();
  private final Map<String, Tenant> tenantsInForce = new HashMap<>();
  private final List<String> unloadable = new ArrayList<>();
  private final List<String> failing = new ArrayList<>();
  private final List<String> slow = new ArrayList<>();
  private final List<String> drifting = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /** The samples of one tenant, and which of them some model of it rates. */
  private static final class Recorded {
    final String tenant;
    final List<Json.Obj> inputs;
    final boolean[] rated;
    boolean isWhole = true;

    Recorded(String tenant, List<Json.Obj> inputs) {
      this.tenant = tenant;
      this.inputs = inputs;
      rated = new boolean[inputs.size()];
    }
  }

  /** Where a task's sample comes from. */
  private record Origin(Recorded recorded, int index) {}

  ModelTrials(ModelLoader loader, Content base, Content next, ReleaseCheck.Proposal proposal) {
    this.loader = loader;
    this.base = base;
    this.next = next;
    this.proposal = proposal;
    base.models().forEach(model -> inForce.put(model.name(), model));
    base.tenants().forEach(tenant -> tenantsInForce.put(tenant.id(), tenant));
  }

  /** What was found, at the first stage that found something; null where nothing was. */
  ReleaseCheck.Verdict.@Nullable Refused run() {
    Map<String, List<Recorded>> recorded = recorded();
    for (ModelSpec model : next.models()) {
      List<Origin> origins = new ArrayList<>();
      List<Json.Obj> samples = new ArrayList<>();
      for (Recorded each : recorded.getOrDefault(model.name(), List.of())) {
        for (int i = 0; i < each.inputs.size() && samples.size() < TENANT_SAMPLES_MAX; i++) {
          samples.add(each.inputs.get(i));
          origins.add(new Origin(each, i));
        }
        each.isWhole &= samples.size() < TENANT_SAMPLES_MAX;
      }
      if (!attempt(model, samples, origins)) {
        break; // one more that does not end is one thread less
      }
    }
    recorded.values().stream().flatMap(List::stream).distinct().forEach(this::requireRated);
    noteNew();
    if (!unloadable.isEmpty()) {
      return new ReleaseCheck.Verdict.Refused(ReleaseCheck.Stage.MODEL, unloadable);
    }
    if (!failing.isEmpty()) {
      return new ReleaseCheck.Verdict.Refused(ReleaseCheck.Stage.SAMPLES, failing);
    }
    if (!slow.isEmpty()) {
      return new ReleaseCheck.Verdict.Refused(ReleaseCheck.Stage.SLOW, slow);
    }
    return drifting.isEmpty()
        ? null
        : new ReleaseCheck.Verdict.Refused(ReleaseCheck.Stage.DRIFT, drifting);
  }

  /** What was not judged, and why. */
  List<String> notes() {
    return notes;
  }

  private boolean isChanged(ModelSpec model) {
    ModelSpec before = inForce.get(model.name());
    return before == null
        || !before.kind().equals(model.kind())
        || !Arrays.equals(before.bytes(), model.bytes());
  }

  /** By model: the samples of tenants for whom something changes. */
  private Map<String, List<Recorded>> recorded() {
    if (next.samples().isEmpty()) {
      return Map.of();
    }
    TreeSet<String> changed = new TreeSet<>();
    next.models().stream().filter(this::isChanged).forEach(model -> changed.add(model.name()));
    Map<String, List<Recorded>> byModel = new HashMap<>();
    for (Tenant tenant : next.tenants()) {
      SampleSet samples = next.samples().get(tenant.id());
      if (samples == null) {
        continue;
      }
      Tenant before = tenantsInForce.get(tenant.id());
      SampleSet samplesBefore = base.samples().get(tenant.id());
      boolean isSame =
          before != null
              && samplesBefore != null
              && before.models().equals(tenant.models())
              && Arrays.equals(samplesBefore.bytes(), samples.bytes());
      if (!isSame || tenant.models().stream().anyMatch(changed::contains)) {
        Recorded recorded = new Recorded(tenant.id(), samples.inputs());
        for (String model : tenant.models()) {
          byModel.computeIfAbsent(model, name -> new ArrayList<>()).add(recorded);
        }
      }
    }
    return byModel;
  }

  /** Tries one model; false where it never ended, so that no other one should be tried. */
  private boolean attempt(ModelSpec model, List<Json.Obj> samples, List<Origin> origins) {
    String at = "models." + model.name() + ": ";
    ModelSpec before = inForce.get(model.name());
    boolean isCompared =
        before != null
            && isChanged(model)
            && before.kind().equals(model.kind())
            && proposal.action() != Manifest.Action.ROLLBACK;
    switch (loader.attempt(new ModelLoader.Task(model, isCompared ? before : null, samples))) {
      case ModelLoader.Trial.Good good -> {
        if (good.samples() == 0) {
          notes.add(at + "has no samples, so it was loaded and not tried");
        }
        for (int index : good.rated()) {
          Origin origin = origins.get(index);
          origin.recorded().rated[origin.index()] = true;
        }
        if (good.comparison() != null) {
          judge(at, model.name(), good.comparison());
        } else if (before != null && isChanged(model)) {
          notes.add(at + notCompared(before, model));
        }
      }
      case ModelLoader.Trial.Unloadable bad -> unloadable.add(at + bad.why());
      case ModelLoader.Trial.FailsSamples bad -> failing.add(at + bad.why());
      case ModelLoader.Trial.NeverEnds bad -> {
        failing.add(at + bad.why());
        return false;
      }
    }
    return true;
  }

  private String notCompared(ModelSpec before, ModelSpec model) {
    if (proposal.action() == Manifest.Action.ROLLBACK) {
      return "a rollback, so its ratings were not compared with those of the version in force";
    }
    return before.kind().equals(model.kind())
        ? "its kind is " + model.kind() + ", and to rate would count, so it was not compared"
        : "its kind was " + before.kind() + ", so it was not compared";
  }

  private void judge(String at, String name, ModelComparison found) {
    String tooSlow = ModelJudge.slow(found);
    if (tooSlow != null) {
      (proposal.allowSlow() ? notes : slow).add(at + tooSlow);
    }
    if (!ModelJudge.isEnough(found)) {
      notes.add(
          at
              + "INSUFFICIENT to judge its drift: "
              + found.samples()
              + " samples that the version in force rates (needed: "
              + ModelJudge.SAMPLES_MIN
              + "; record more in the model's samples or in a tenant's)");
      return;
    }
    for (String drift : ModelJudge.drift(found, thresholds(name))) {
      (proposal.allowDrift() ? notes : drifting).add(at + drift);
    }
  }

  /** Of the tenants that the model rates for before and after, each pair of thresholds once. */
  private List<ModelJudge.Thresholds> thresholds(String model) {
    record Pair(Decimal before, Decimal after) {}
    Map<Pair, ModelJudge.Thresholds> distinct = new LinkedHashMap<>();
    for (Tenant tenant : next.tenants()) {
      Tenant before = tenantsInForce.get(tenant.id());
      if (before == null || !before.models().contains(model) || !tenant.models().contains(model)) {
        continue;
      }
      Decimal old = before.threshold();
      Decimal now = tenant.threshold();
      if (old != null && now != null) {
        distinct.putIfAbsent(new Pair(old, now), new ModelJudge.Thresholds(tenant.id(), old, now));
      }
    }
    return List.copyOf(distinct.values());
  }

  private void requireRated(Recorded recorded) {
    String at = "tenants." + recorded.tenant + ".samples";
    if (!recorded.isWhole) {
      notes.add(
          at
              + ": not all were tried (expected: at most "
              + TENANT_SAMPLES_MAX
              + " inputs of all tenants of one model)");
      return;
    }
    if (!unloadable.isEmpty() || !failing.isEmpty()) {
      return; // what a model would have rated is not known
    }
    for (int i = 0; i < recorded.rated.length; i++) {
      if (!recorded.rated[i]) {
        failing.add(at + "/" + i + ": none of the tenant's models rates it");
        return;
      }
    }
  }

  private void noteNew() {
    Set<String> names = new TreeSet<>();
    for (ModelSpec model : next.models()) {
      if (!inForce.containsKey(model.name())) {
        names.add(model.name());
      }
    }
    if (!names.isEmpty()) {
      int more = names.size() - NAMES_SHOWN_MAX;
      notes.add(
          "models."
              + String.join(", models.", names.stream().limit(NAMES_SHOWN_MAX).toList())
              + (more > 0 ? " and " + more + " more" : "")
              + ": new, so there is nothing to compare with");
    }
  }
}
