package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.List;

class ItemsModelContractTest extends RatingModelContract {
  private FakeLog log = FakeLog.fast();

  @Override
  protected byte[] document() {
    return Ratings.bytes("{'kind':'items'}");
  }

  @Override
  protected RatingModel model() {
    log = FakeLog.fast();
    try {
      return ItemsModel.load("m", "v7", document(), new ItemStore("a", log), "t/m");
    } catch (ModelException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected List<Json.Obj> valid() {
    return List.of(
        Ratings.object("{'item':'product-123','score':5}"),
        Ratings.object("{'item':'product-123','score':1}"),
        Ratings.object("{'item':'ünïcode / \\u0000','score':3}"),
        Ratings.object("{'item':'" + "𝄞".repeat(256) + "','score':3}"));
  }

  @Override
  protected List<Json.Obj> invalid() {
    return List.of(
        Ratings.object("{}"),
        Ratings.object("{'item':'x'}"),
        Ratings.object("{'score':3}"),
        Ratings.object("{'item':'','score':3}"),
        Ratings.object("{'item':'" + "x".repeat(257) + "','score':3}"),
        Ratings.object("{'item':'x','score':0}"),
        Ratings.object("{'item':'x','score':6}"),
        Ratings.object("{'item':'x','score':2.5}"),
        Ratings.object("{'item':'x','score':1e300}"),
        Ratings.object("{'item':'x','score':'5'}"),
        Ratings.object("{'item':null,'score':null}"),
        Ratings.object("{'item':'x','score':5,'more':1}"));
  }

  @Override
  protected long stateOf(RatingModel model) {
    return (long) log.durable.size() + log.waiting();
  }
}
