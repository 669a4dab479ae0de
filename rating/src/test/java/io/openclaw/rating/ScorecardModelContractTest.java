package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.List;

class ScorecardModelContractTest extends RatingModelContract {
  @Override
  protected byte[] document() {
    return CreditG.scorecard();
  }

  @Override
  protected RatingModel model() {
    try {
      return ScorecardModel.load("m", "v7", document());
    } catch (ModelException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected List<Json.Obj> valid() {
    return CreditG.applications();
  }

  @Override
  protected List<Json.Obj> invalid() {
    return List.of(
        Ratings.object("{'checking_status':'blue'}"),
        Ratings.object("{'checking_status':7,'duration':'long'}"),
        Ratings.object("{'housing':{'own':true}}"),
        Ratings.object("{'housing':[]}"));
  }

  @Override
  protected long stateOf(RatingModel model) {
    return 0;
  }
}
