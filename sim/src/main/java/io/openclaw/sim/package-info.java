/** Fleets of regions on virtual time. */
@NullMarked
package io.openclaw.sim;

import org.jspecify.annotations.NullMarked;
