package io.openclaw.edge;

import io.openclaw.rating.Checked;
import io.openclaw.rating.RatingModel;

/** A request whose model is chosen and whose input that model accepts. */
record Routed(Received received, Identified identity, RatingModel model, Checked.Ready input) {}
