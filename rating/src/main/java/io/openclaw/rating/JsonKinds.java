package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.List;
import java.util.Map;

/** The kinds of model that need nothing but their JSON document, by name. */
public final class JsonKinds {
  /** A loader of such documents. */
  @FunctionalInterface
  private interface Loader {
    RatingModel load(ModelSource source) throws ModelException;
  }

  private record Kind(String name, Loader loader) implements ModelKind {
    @Override
    public RatingModel load(ModelSource source) throws ModelException {
      return loader.load(source);
    }

    @Override
    public List<Json.Obj> samples(byte[] bytes) throws ModelException {
      return Samples.of(bytes, name);
    }
  }

  private JsonKinds() {}

  /** All of them. */
  public static Map<String, ModelKind> all() {
    return Map.of(
        "scorecard",
        new Kind("scorecard", s -> ScorecardModel.load(s.name(), s.version(), s.bytes())),
        "regression",
        new Kind("regression", RegressionModel::load),
        "trees",
        new Kind("trees", TreesModel::load),
        "content",
        new Kind("content", ContentModel::load));
  }
}
