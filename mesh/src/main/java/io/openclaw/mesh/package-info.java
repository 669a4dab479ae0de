@NullMarked
package io.openclaw.mesh;

import org.jspecify.annotations.NullMarked;
