"""The description of the interface for programs, as people read it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Request


def test_the_interface_is_described_without_internet(context: BrowserContext) -> None:
    """Swagger UI shows every route, and nothing is asked of another host; the policy without inline scripts stands."""
    page = context.new_page()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.goto("/api/v1/docs")
    page.wait_for_selector(".opblock >> nth=9")
    shown = page.locator(".opblock .opblock-summary-path").all_inner_texts()
    assert len(shown) >= 10
    assert any("submissions" in path for path in shown)
    hosts = {request.url.split("/")[2] for request in asked if request.url.startswith("http")}
    assert hosts == {page.url.split("/")[2]}
