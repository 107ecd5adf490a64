"""Support vector regression and ridge from Gram matrices shared by all hyperparameters.

All matrices are float64 and deterministic; the results agree with scikit-learn's own estimators to rounding.

References
----------
T. Hastie, R. Tibshirani, J. Friedman, "The Elements of Statistical Learning", 2nd ed., 7.10 (leave-one-out
from the hat matrix).
R. Rifkin, R. Lippert, "Notes on regularized least squares", MIT-CSAIL-TR-2007-025 (one decomposition for
all alphas).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Positions = NDArray[np.intp]

#: Bytes of kernel matrices a fold keeps for later grid points; it keeps at least the last one.
KEPT_BYTES = 2**27

#: Rows of a basis handled at a time.
_PIECE = 5_000


def squared_distances(a: Values, b: Values) -> Values:
    """Return |a_i - b_j|^2 for rows of (n, d) and (m, d), shape (n, m), by one matrix product."""
    # Not sklearn's euclidean_distances: its last bits differ, and libsvm then stops at other predictions.
    cross = a @ b.T
    cross *= -2.0
    cross += (a * a).sum(axis=1)[:, None]
    cross += (b * b).sum(axis=1)[None, :]
    return np.maximum(cross, 0.0, out=cross)


@dataclass
class KernelFold:
    """Gram matrices of one training and one validation part, for any (C, gamma).

    `base` holds squared distances (rbf) or inner products (linear) of training rows, shape (n, n); `cross`
    those of validation with training rows, shape (m, n); `target` the (scaled) training MOS. `shift` and
    `unit` map predictions back to the MOS scale.
    """

    base: Values
    cross: Values
    target: Values
    epsilon: float
    shift: float = 0.0
    unit: float = 1.0
    _kernels: dict[float, tuple[Values, Values]] = field(default_factory=dict)

    def kernels(self, gamma: float | None) -> tuple[Values, Values]:
        """Return the kernel matrices of one width; for a linear kernel the given matrices."""
        if gamma is None:
            return self.base, self.cross
        if gamma not in self._kernels:
            size = self.base.nbytes + self.cross.nbytes
            while self._kernels and (len(self._kernels) + 1) * size > KEPT_BYTES:
                self._kernels.pop(next(iter(self._kernels)))
            self._kernels[gamma] = (np.exp(-gamma * self.base), np.exp(-gamma * self.cross))
        return self._kernels[gamma]

    def predict(self, cost: float, gamma: float | None) -> Values:
        """Return the predictions of the validation part for one (C, gamma), on the MOS scale."""
        from sklearn.svm import SVR

        kernel, cross = self.kernels(gamma)
        model = SVR(kernel="precomputed", C=cost, epsilon=self.epsilon).fit(kernel, self.target)
        # Not SVR.predict, which copies and checks all of `cross`; only support vectors are needed.
        scaled = cross[:, model.support_] @ model.dual_coef_[0] + model.intercept_[0]
        return np.asarray(scaled * self.unit + self.shift)


@dataclass(frozen=True)
class Decomposition:
    """Eigendecomposition of one ridge problem, which solves it for every alpha.

    `basis` (n, r) holds orthonormal columns, `power` (r,) their eigenvalues of the Gram matrix.
    """

    basis: Values
    power: Values
    target: Values
    intercept: bool

    @classmethod
    def of_features(cls, z: Values, target: Values) -> Decomposition:
        """Decompose ridge with an unpenalised intercept on rows `z` (n, d)."""
        return cls.of_centred(z - z.mean(axis=0), target)

    @classmethod
    def of_centred(cls, centred: Values, target: Values) -> Decomposition:
        """Decompose as `of_features` does, on rows whose columns have mean 0."""
        rows, columns = centred.shape
        if rows <= columns:
            power, basis = np.linalg.eigh(centred @ centred.T)
        else:
            power, right = np.linalg.eigh(centred.T @ centred)
            kept = power > power[-1] * 1e-13
            power, right = power[kept], right[:, kept]
            basis = centred @ right
            basis /= np.sqrt(power)
        return cls(basis, np.maximum(power, 0.0), target, intercept=True)

    @classmethod
    def of_kernel(cls, kernel: Values, target: Values) -> Decomposition:
        """Decompose kernel ridge without intercept; the mean of `target` is taken off first."""
        power, basis = np.linalg.eigh(kernel)
        return cls(basis, np.maximum(power, 0.0), target, intercept=False)

    def _pieces(self) -> Iterator[Values]:
        """Return the basis in pieces of rows, so that a function of its cells needs little memory."""
        return (self.basis[start : start + _PIECE] for start in range(0, len(self.basis), _PIECE))

    def dual(self, alpha: float) -> Values:
        """Return the dual coefficients (n,): predictions are kernel rows times these plus the mean target."""
        centred = self.target - self.target.mean()
        return np.asarray(self.basis @ ((self.basis.T @ centred) / (self.power + alpha)))

    def out_of_block(self, alpha: float, blocks: Sequence[Positions] | None = None) -> Values:
        """Return the prediction of each row by a model fitted without its block, in closed form, shape (n,).

        With H the hat matrix and r the residuals, the residuals of block B left out are (I - H_BB)^-1 r_B;
        `blocks` None leaves out one row at a time.
        """
        shrink = self.power / (self.power + alpha)
        mean = self.target.mean()
        fitted = self.basis @ (shrink * (self.basis.T @ (self.target - mean))) + mean
        residual = self.target - fitted
        constant = 1.0 / len(self.target) if self.intercept else 0.0
        if blocks is None:
            squares = [rows**2 @ shrink for rows in self._pieces()]
            leverage = np.concatenate(squares) + constant
            return np.asarray(self.target - residual / np.maximum(1.0 - leverage, 1e-10))
        left_out = np.empty_like(residual)
        for block in blocks:
            rows = self.basis[block]
            hat = (rows * shrink) @ rows.T + constant
            left_out[block] = np.linalg.solve(np.eye(len(block)) - hat, residual[block])
        return np.asarray(self.target - left_out)
