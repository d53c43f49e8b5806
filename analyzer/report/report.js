/* The page of --format=html: one finding at a time, filtered; arrows, Home and End walk through the list. */
"use strict";
(function () {
    const find = (id) => document.getElementById(id);
    const articles = Array.from(document.querySelectorAll("article"));
    const entries = Array.from(document.querySelectorAll("#list a"));
    const others = Array.from(document.querySelectorAll(".others a"));
    const rule = find("rule"), file = find("file"), words = find("words"), every = find("every");

    const target = (link) => find(link.hash.slice(1));
    const visible = () => entries.concat(others).filter((link) => !link.parentElement.hidden);

    function show(article) {
        for (const other of articles)
            other.classList.toggle("now", other === article);
        for (const link of entries.concat(others)) {
            if (target(link) === article)
                link.setAttribute("aria-current", "true");
            else
                link.removeAttribute("aria-current");
        }
    }

    /* A link may lead to a line within a finding. */
    function follow() {
        const place = location.hash ? find(location.hash.slice(1)) : null;
        const article = place && place.closest("article");

        if (!article)
            return;
        show(article);
        if (place === article)
            find(article.id + "-title").focus({ preventScroll: true });
        place.scrollIntoView({ block: place === article ? "start" : "center" });
    }

    function filter() {
        const wanted = words.value.trim().toLowerCase();
        let count = 0;

        for (const link of entries) {
            const fits = (!rule.value || link.dataset.rule === rule.value) && (!file.value || link.dataset.file === file.value) &&
                (!wanted || link.textContent.toLowerCase().includes(wanted));

            link.parentElement.hidden = !fits;
            target(link).classList.toggle("left-out", !fits);
            count += fits;
        }
        find("shown").textContent = count === entries.length ? count + (count === 1 ? " finding" : " findings")
                                                             : count + " of " + entries.length + " findings";
        const current = entries.find((link) => link.hasAttribute("aria-current"));
        const first = entries.find((link) => !link.parentElement.hidden);
        if (first && (!current || current.parentElement.hidden) && !others.some((link) => link.hasAttribute("aria-current")))
            show(target(first));
    }

    function walk(event) {
        const links = visible(), at = links.indexOf(document.activeElement);
        const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 };

        if (at < 0 || !(event.key in steps))
            return;
        event.preventDefault();
        links[Math.max(0, Math.min(links.length - 1, steps[event.key]))].focus();
    }

    document.body.classList.add("scripted");
    document.querySelector("nav").addEventListener("keydown", walk);
    find("filter").addEventListener("submit", (event) => event.preventDefault());
    find("filter").addEventListener("input", filter);
    every.addEventListener("change", () => document.body.classList.toggle("every", every.checked));
    addEventListener("hashchange", follow);
    if (articles.length)
        show(articles[0]);
    filter();
    follow();
}());
