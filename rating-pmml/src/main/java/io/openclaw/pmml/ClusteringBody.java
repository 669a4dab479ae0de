package io.openclaw.pmml;

import io.openclaw.rating.ModelException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A {@code ClusteringModel} with centers: the nearest cluster, and how near each is. */
final class ClusteringBody extends Body {
  private final Measure measure;
  private final double[][] centers;
  private final double[] ids;
  private final Map<Double, String> names;
  private final int affinities;

  private ClusteringBody(
      Outcome outcome,
      Measure measure,
      double[][] centers,
      double[] ids,
      Map<Double, String> names,
      int affinities) {
    super(outcome);
    this.measure = measure;
    this.centers = centers;
    this.ids = ids;
    this.names = names;
    this.affinities = affinities;
  }

  static ClusteringBody compile(XmlNode model, Scope scope, Target target) throws ModelException {
    if (!model.get("modelClass", "centerBased").equals("centerBased")) {
      throw model.wrong("modelClass " + model.get("modelClass"), "centerBased");
    }
    List<Field> fields = new ArrayList<>();
    List<XmlNode> nodes = new ArrayList<>();
    for (XmlNode each : model.children("ClusteringField")) {
      if (each.flag("isCenterField", true)) {
        Field field = scope.require(each, each.require("field"));
        if (field.type() == DataType.STRING) {
          throw each.wrong("ClusteringField of a string", "a number");
        }
        fields.add(field);
        nodes.add(each);
      } else {
        each.ignore();
      }
    }
    XmlNode missing = model.child("MissingValueWeights");
    double[] missingWeights =
        missing == null ? new double[0] : PmmlArrays.numbers(missing.requireChild("Array"));
    Measure measure =
        Measure.of(model.requireChild("ComparisonMeasure"), fields, nodes, missingWeights);
    List<XmlNode> clusters = model.children("Cluster");
    double[][] centers = new double[clusters.size()][];
    double[] ids = new double[centers.length];
    Map<Double, String> names = new HashMap<>();
    for (int i = 0; i < centers.length; i++) {
      XmlNode each = clusters.get(i);
      centers[i] = PmmlArrays.numbers(each.requireChild("Array"));
      if (centers[i].length != fields.size()) {
        throw each.wrong(centers[i].length + " numbers", fields.size() + ", one for each field");
      }
      String id = each.get("id", String.valueOf(i + 1));
      ids[i] = scope.build.symbols.add(id);
      names.put(ids[i], each.get("name", id));
    }
    if (centers.length == 0) {
      throw model.wrong("no Cluster", "at least one");
    }
    int value = scope.build.slot(model, "cluster");
    int affinity = scope.build.slot(model, "affinity");
    int affinities = scope.build.slots(model, "affinity", centers.length);
    Outcome outcome =
        new Outcome(
            value,
            DataType.STRING,
            target.classification() ? ids : Outcome.NO_CLASSES,
            target.classification() ? scope.build.slots(model, "probability", ids.length) : -1,
            value,
            affinity,
            Outcome.NO_REASONS);
    return new ClusteringBody(outcome, measure, centers, ids, names, affinities);
  }

  /** What a person calls the clusters, by id. */
  Map<Double, String> names() {
    return names;
  }

  /** The place of how near a cluster is; -1 where there is none of this id. */
  int affinity(double id) {
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == id) {
        return affinities + i;
      }
    }
    return -1;
  }

  @Override
  public void run(Frame f) {
    int best = -1;
    for (int i = 0; i < centers.length; i++) {
      double found = measure.between(f.x, centers[i]);
      f.x[affinities + i] = found;
      boolean nearer =
          best < 0
              || (measure.isSimilarity()
                  ? found > f.x[affinities + best]
                  : found < f.x[affinities + best]);
      best = !Double.isNaN(found) && nearer ? i : best;
    }
    f.x[outcome.value()] = best < 0 ? Double.NaN : ids[best];
    f.x[outcome.affinity()] = best < 0 ? Double.NaN : f.x[affinities + best];
  }

  @Override
  BitSet needs() {
    return Field.NOTHING;
  }
}
