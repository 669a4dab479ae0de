package io.openclaw.pmml;

import io.openclaw.domain.Json;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelKind;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.Samples;
import java.util.ArrayList;
import java.util.List;

/**
 * The kind {@code pmml}: PMML documents, compiled. Thread-safe; loads nothing before it is used.
 */
public final class PmmlKind implements ModelKind {
  @Override
  public String name() {
    return "pmml";
  }

  @Override
  public RatingModel load(ModelSource source) throws ModelException {
    return PmmlModel.load(source);
  }

  /** The samples of the document's settings, then the inputs of its verification. */
  @Override
  public List<Json.Obj> samples(byte[] bytes) throws ModelException {
    PmmlDocument document = PmmlDocument.read(bytes);
    List<Json.Obj> samples = new ArrayList<>(Settings.read(document.root()).samples());
    Verification verification = Verification.of(document, new Inputs(document).schema());
    if (verification != null) {
      for (Verification.Row row : verification.rows()) {
        if (samples.size() < Samples.SAMPLES_MAX
            && row.expected().stream().anyMatch(e -> !e.value().isEmpty())) {
          samples.add(row.input());
        }
      }
    }
    return samples;
  }
}
