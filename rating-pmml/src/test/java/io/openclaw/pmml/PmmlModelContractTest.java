package io.openclaw.pmml;

import io.openclaw.domain.Json;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.RatingModelContract;
import java.util.List;

class PmmlModelContractTest extends RatingModelContract {
  private static final String DOCUMENT =
      MiningTest.boosted("", "").replace("invalidValueTreatment=\"asMissing\"", "");

  @Override
  protected byte[] document() {
    return Pmml.bytes(DOCUMENT);
  }

  @Override
  protected RatingModel model() {
    return Pmml.load(DOCUMENT);
  }

  @Override
  protected List<Json.Obj> valid() {
    return List.of(
        Pmml.input("{'x':1.2,'s':'t'}"),
        Pmml.input("{'x':-3,'s':'u'}"),
        Pmml.input("{'x':9}"),
        Pmml.input("{'x':2,'s':null,'other':[]}"));
  }

  @Override
  protected List<Json.Obj> invalid() {
    return List.of(
        Pmml.input("{'x':'1','s':'t'}"), Pmml.input("{'x':1,'s':'v'}"), Pmml.input("{'s':3}"));
  }

  @Override
  protected long stateOf(RatingModel model) {
    return 0;
  }
}
