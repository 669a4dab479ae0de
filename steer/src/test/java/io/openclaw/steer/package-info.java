@NullMarked
package io.openclaw.steer;

import org.jspecify.annotations.NullMarked;
