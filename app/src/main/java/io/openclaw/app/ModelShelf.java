package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Json;
import io.openclaw.domain.Tenant;
import io.openclaw.rating.ItemStore;
import io.openclaw.rating.ItemsModel;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import io.openclaw.release.CanaryEdit;
import io.openclaw.release.CanarySpec;
import io.openclaw.release.Content;
import io.openclaw.release.ModelLoader;
import io.openclaw.release.ModelSpec;
import io.openclaw.release.Sha256;
import io.openclaw.yaml.ConfigException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The loaded models of a node: one object for the same name, version and digest, kept as long as a
 * content that it was told to keep names it. Thread-safe.
 */
final class ModelShelf implements ModelLoader {
  /** What makes two models the same; items are also counted for each tenant apart. */
  private record Name(String kind, String name, String version, String digest, String tenant) {
    static Name of(ModelSpec model, String digest, String tenant) {
      return new Name(
          model.kind(), model.model(), model.version(), digest, model.keepsState() ? tenant : "");
    }
  }

  private final ItemStore items;
  private final Clock clock;
  private final ModelKinds kinds = new ModelKinds();
  private final Map<Name, RatingModel> loaded = new HashMap<>();
  private final TrialThread trials = new TrialThread();
  private long loads;

  ModelShelf(ItemStore items, Clock clock) {
    this.items = items;
    this.clock = clock;
  }

  /** How many models were loaded so far; what was on the shelf was not. */
  synchronized long loads() {
    return loads;
  }

  /** How many models are on the shelf. */
  synchronized int size() {
    return loaded.size();
  }

  /** Threads of trials that did not end. */
  int trialsGivenUp() {
    return trials.givenUp();
  }

  /**
   * Each tenant's models, in the tenant's order; what is not on the shelf is loaded.
   *
   * @throws ConfigException naming every model that does not load
   */
  synchronized Map<Tenant, List<RatingModel>> models(Content content) throws ConfigException {
    Map<String, ModelSpec> byName = new HashMap<>();
    Map<String, String> digests = new HashMap<>();
    for (ModelSpec model : content.models()) {
      byName.put(model.name(), model);
      digests.put(model.name(), Sha256.hex(model.bytes()));
    }
    Map<Tenant, List<RatingModel>> models = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    for (Tenant tenant : content.tenants()) {
      List<RatingModel> own = new ArrayList<>(tenant.models().size());
      for (String name : tenant.models()) {
        ModelSpec model = java.util.Objects.requireNonNull(byName.get(name), name);
        String digest = java.util.Objects.requireNonNull(digests.get(name));
        try {
          own.add(load(model, Name.of(model, digest, tenant.id())));
        } catch (ModelException e) {
          problems.add(model.place() + ": models." + name + ": " + e.getMessage());
        }
      }
      models.put(tenant, own);
    }
    for (CanarySpec canary : content.canaries()) {
      ModelSpec model = CanaryEdit.tried(content, canary);
      try {
        var _ = load(model, nameOf(model));
      } catch (ModelException e) {
        problems.add(model.place() + ": models." + model.name() + ": " + e.getMessage());
      }
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems.stream().distinct().toList());
    }
    return models;
  }

  private static Name nameOf(ModelSpec stateless) {
    return Name.of(stateless, Sha256.hex(stateless.bytes()), "");
  }

  /** A model without state that is on the shelf; null where it is not. */
  synchronized @Nullable RatingModel stateless(ModelSpec model) {
    return loaded.get(nameOf(model));
  }

  /** The version that a canary tries; {@link #models} has loaded it. */
  synchronized RatingModel tried(Content content, CanarySpec canary) {
    ModelSpec model = CanaryEdit.tried(content, canary);
    return java.util.Objects.requireNonNull(loaded.get(nameOf(model)), model.name());
  }

  private synchronized RatingModel load(ModelSpec model, Name name) throws ModelException {
    RatingModel known = loaded.get(name);
    return known != null ? known : keep(name, read(model, name));
  }

  /**
   * The inputs that a model's bytes record.
   *
   * @throws ModelException where they cannot be read
   */
  List<Json.Obj> samples(ModelSpec model) throws ModelException {
    return kinds.samples(model.kind(), model.bytes());
  }

  private RatingModel read(ModelSpec model, Name name) throws ModelException {
    return model.keepsState()
        ? ItemsModel.load(
            model.model(),
            model.version(),
            model.bytes(),
            items,
            name.tenant() + "/" + model.model())
        : kinds.load(model.kind(), new ModelSource(model.model(), model.version(), model.bytes()));
  }

  private synchronized @Nullable RatingModel known(Name name) {
    return loaded.get(name);
  }

  private synchronized RatingModel keep(Name name, RatingModel made) {
    loads++;
    loaded.put(name, made);
    return made;
  }

  /** Lets go of every model that none of the contents names. */
  synchronized void keep(List<Content> contents) {
    Set<Name> named = new HashSet<>();
    for (Content content : contents) {
      Map<String, Name> byName = new HashMap<>();
      content.models().forEach(m -> byName.put(m.name(), Name.of(m, Sha256.hex(m.bytes()), "")));
      for (Tenant tenant : content.tenants()) {
        for (String model : tenant.models()) {
          Name name = java.util.Objects.requireNonNull(byName.get(model), model);
          named.add(
              name.kind().equals("items") // the only kind with a tenant's own state
                  ? new Name(name.kind(), name.name(), name.version(), name.digest(), tenant.id())
                  : name);
        }
      }
      content.canaries().forEach(each -> named.add(nameOf(CanaryEdit.tried(content, each))));
    }
    loaded.keySet().retainAll(named);
  }

  /**
   * Loads the model and rates samples, on a thread that is given up where it does not end; an items
   * model only checks them, it would count.
   */
  @Override
  public Trial attempt(Task task) {
    Name name = Name.of(task.model(), Sha256.hex(task.model().bytes()), "-");
    return switch (trials.run(progress -> attempt(task, name, progress))) {
      case TrialThread.End.Returned<Tried>(Tried tried) -> {
        RatingModel made = tried.made();
        if (made != null && known(name) == null) {
          var _ = keep(name, made);
        }
        yield tried.trial();
      }
      case TrialThread.End.Threw<Tried>(String at, Throwable what) ->
          at.equals(TrialThread.LOADING)
              ? new Trial.Unloadable("loading it trapped: " + what)
              : new Trial.FailsSamples(at + " trapped: " + what);
      case TrialThread.End.GivenUp<Tried>(String why) -> new Trial.NeverEnds(why);
    };
  }

  /** How a trial went, with the model where it may be kept. */
  private record Tried(Trial trial, @Nullable RatingModel made) {}

  private Tried attempt(Task task, Name name, TrialThread.Progress progress) {
    RatingModel made;
    ModelTrial.Subject candidate;
    try {
      List<Json.Obj> samples = samples(task.model());
      RatingModel known = known(name);
      made = known != null ? known : read(task.model(), name);
      candidate = subject(made, samples);
    } catch (ModelException e) {
      return new Tried(new Trial.Unloadable(String.valueOf(e.getMessage())), null);
    }
    Trial trial =
        new ModelTrial(candidate, stable(task.stable()), task.samples(), progress, clock::nanoTime)
            .run();
    return new Tried(trial, trial instanceof Trial.Good ? made : null);
  }

  /** The version in force as a subject; null where there is none, or it does not load any more. */
  private ModelTrial.@Nullable Subject stable(@Nullable ModelSpec model) {
    if (model == null) {
      return null;
    }
    try {
      Name name = Name.of(model, Sha256.hex(model.bytes()), "-");
      RatingModel known = known(name);
      return subject(known != null ? known : read(model, name), samples(model));
    } catch (ModelException e) {
      return null;
    }
  }

  private static ModelTrial.Subject subject(RatingModel model, List<Json.Obj> samples) {
    return new ModelTrial.Subject(model::check, model.isDeterministic(), samples);
  }
}
