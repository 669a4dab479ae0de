package io.openclaw.wasm;

import io.openclaw.domain.Json;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.RatingModelContract;
import io.openclaw.rating.Ratings;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

class WasmModelContractTest extends RatingModelContract {
  private final WasmHost host = new WasmHost();

  @AfterEach
  void close() {
    host.close();
  }

  @Override
  protected byte[] document() {
    return Wasm.traps(
        "{'kind':'wasm','deadlineMillis':1000,'inputs':{'do':{'type':'string','values':['a','n','u']}},'samples':[{'do':'a'}]}");
  }

  @Override
  protected RatingModel model() {
    return Wasm.load(host, document());
  }

  @Override
  protected List<Json.Obj> valid() {
    return List.of(Wasm.input("a"), Wasm.input("n"), Wasm.input("u"));
  }

  @Override
  protected List<Json.Obj> invalid() {
    return List.of(
        Ratings.object("{}"), Ratings.object("{'do':1}"), Ratings.object("{'do':'z','x':1}"));
  }

  @Override
  protected long stateOf(RatingModel model) {
    return 0;
  }
}
