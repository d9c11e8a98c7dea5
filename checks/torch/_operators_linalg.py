"""Cases of linear algebra: products, factorisations, solvers."""

from __future__ import annotations

from ._gradients import gradients


def families():
    """The tables of this file: functions of torch and its functional module to name and case."""
    return (
        _products,
        _factorisations,
    )


def _products(torch, nn):
    return {
        "matmul": lambda m: gradients(torch.matmul, m.normal(3, 9, 17), m.normal(17, 5)),
        "matmul inner zero": lambda m: [
            m.normal(9, 0) @ m.normal(0, 5),
            torch.bmm(m.normal(3, 9, 0), m.normal(3, 0, 5)),
        ],
        "matmul strided out": lambda m: torch.mm(
            m.strided(9, 17), m.strided(17, 5), out=torch.empty(5, 9, device=m.device).t()
        ),
        "addmm beta zero": lambda m: torch.addmm(
            torch.full((5,), float("nan"), device=m.device), m.normal(9, 17), m.normal(17, 5), beta=0
        ),
        "addmv": lambda m: [torch.mv(m.normal(9, 17), m.normal(17)), torch.mv(m.normal(9, 0), m.normal(0))],
        "bmm bfloat16": lambda m: torch.bmm(
            m.normal(3, 9, 17, dtype=torch.bfloat16), m.normal(3, 17, 5, dtype=torch.bfloat16)
        ),
        "baddbmm": lambda m: gradients(torch.baddbmm, m.normal(3, 9, 5), m.normal(3, 9, 17), m.normal(3, 17, 5)),
        "dot": lambda m: [torch.dot(m.normal(99), m.normal(99)), torch.dot(m.normal(0), m.normal(0))],
        "einsum": lambda m: torch.einsum("bij,bkj,k->bi", m.normal(3, 9, 5), m.normal(3, 7, 5), m.normal(7)),
    }


def _factorisations(torch, nn):
    solve = torch.linalg
    return {
        "cholesky": lambda m: gradients(solve.cholesky, m.symmetric(17)),
        "cholesky_solve": lambda m: torch.cholesky_solve(m.normal(17, 3), solve.cholesky(m.symmetric(17))),
        "cholesky_inverse": lambda m: torch.cholesky_inverse(solve.cholesky(m.symmetric(17))),
        "inverse": lambda m: gradients(solve.inv, m.symmetric(9)),
        "solve": lambda m: gradients(solve.solve, m.symmetric(9), m.normal(9, 3)),
        "solve_triangular": lambda m: solve.solve_triangular(m.symmetric(9).tril(), m.normal(9, 3), upper=False),
        "lu": lambda m: list(solve.lu(m.normal(9, 7))),
        "lu_factor": lambda m: list(solve.lu_factor(m.normal(9, 9))),
        "ldl_factor": lambda m: list(solve.ldl_factor(m.symmetric(9))),
        "qr": lambda m: [*solve.qr(m.normal(9, 5)), *solve.qr(m.normal(9, 5), mode="complete")],
        "svd": lambda m: list(solve.svd(m.normal(9, 5))),
        "svdvals empty": lambda m: solve.svdvals(m.normal(0, 5)),
        "eigh": lambda m: list(solve.eigh(m.symmetric(9))),
        "eig": lambda m: list(solve.eig(m.normal(9, 9))),
        "lstsq": lambda m: list(solve.lstsq(m.normal(9, 5), m.normal(9, 2))),
        "lstsq gels": lambda m: list(solve.lstsq(m.normal(9, 5), m.normal(9, 2), driver="gels")),
        "det": lambda m: gradients(solve.det, m.symmetric(5)),
        "slogdet": lambda m: list(solve.slogdet(m.symmetric(9))),
        "pinv": lambda m: solve.pinv(m.normal(9, 5)),
        "matrix_exp": lambda m: gradients(solve.matrix_exp, m.normal(5, 5)),
        "householder": lambda m: solve.householder_product(*torch.geqrf(m.normal(9, 5))),
        "kron": lambda m: torch.kron(m.normal(3, 5), m.normal(2, 4)),
    }
