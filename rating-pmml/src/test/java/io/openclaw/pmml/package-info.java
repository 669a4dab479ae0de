@NullMarked
package io.openclaw.pmml;

import org.jspecify.annotations.NullMarked;
