package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.pmml.PmmlKind;
import io.openclaw.rating.JsonKinds;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelKind;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.Samples;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Every kind of model that this program can load, by name; {@code items} apart, which needs a
 * store. Thread-safe.
 */
final class ModelKinds {
  private final Map<String, ModelKind> kinds = new HashMap<>(JsonKinds.all());

  ModelKinds() {
    PmmlKind pmml = new PmmlKind();
    kinds.put(pmml.name(), pmml);
  }

  /**
   * Loads a model without state.
   *
   * @throws ModelException listing what is wrong with it
   */
  RatingModel load(String kind, ModelSource source) throws ModelException {
    return of(kind).load(source);
  }

  /**
   * The inputs that a model's bytes record.
   *
   * @throws ModelException where they cannot be read
   */
  List<Json.Obj> samples(String kind, byte[] bytes) throws ModelException {
    return kind.equals("items") ? Samples.of(bytes, kind) : of(kind).samples(bytes);
  }

  private ModelKind of(String kind) throws ModelException {
    ModelKind found = kinds.get(kind);
    if (found == null) {
      throw new ModelException("", "kind " + kind, "one that this program was built with");
    }
    return found;
  }
}
