using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Emulator.ServiceBus.Administration;

/// <summary>The status page: one HTML document without a script, that comes again by itself.</summary>
internal static class StatusPage
{
    /// <summary>What the page may load: nothing but its own style.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    // A page of more is no overview; the JSON has all.
    private const int MaxRows = 1000;

    private const string Head = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="refresh" content="5">
        <title>Service Bus emulator</title>
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1c2024; background: #fff; }
        h1 { font-size: 1.35rem; margin-bottom: 0.2rem; }
        p { color: #5a6169; margin-top: 0; }
        dl { display: flex; flex-wrap: wrap; gap: 0.7rem 2.2rem; margin: 1.4rem 0; }
        dt { color: #5a6169; font-size: 0.8rem; }
        dd { margin: 0; font-size: 1.2rem; font-variant-numeric: tabular-nums; }
        table { border-collapse: collapse; width: 100%; }
        th, td { padding: 0.35rem 0.6rem; border-bottom: 1px solid #e3e6e9; text-align: right; font-variant-numeric: tabular-nums; }
        th { color: #5a6169; font-weight: 500; font-size: 0.8rem; }
        th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left; }
        td:first-child { overflow-wrap: anywhere; }
        .bad { color: #b3261e; }
        @media (prefers-color-scheme: dark) { body { background: #16191c; color: #e6e8ea; } p, dt, th { color: #9aa3ab; } th, td { border-color: #2b3137; } a { color: #8ab4f8; } .bad { color: #f2938c; } }
        </style>
        </head>
        <body>
        """;

    public static string Render(StatusReport report)
    {
        var page = new StringBuilder(Head);
        page.Append(CultureInfo.InvariantCulture, $"<h1>{Text(report.Namespace)}</h1>");
        page.Append(CultureInfo.InvariantCulture, $"<p>Service Bus emulator, up {Span(report.Now - report.StartedAt)}. ");
        page.Append(report.IsHealthy ? "Healthy. " : "<strong class=\"bad\">Unhealthy: the journal cannot be written.</strong> ");
        page.Append("The same as <a href=\"status.json\">JSON</a>.</p><dl>");
        Figure(page, "connections", Number(report.Connections));
        Figure(page, "sent per second", Number(report.PerSecond.MessagesSent));
        Figure(page, "delivered per second", Number(report.PerSecond.MessagesDelivered));
        Figure(page, "settled per second", Number(report.PerSecond.MessagesSettled));
        Figure(page, "sent", Number(report.Totals.MessagesSent));
        Figure(page, "delivered", Number(report.Totals.MessagesDelivered));
        Figure(page, "settled", Number(report.Totals.MessagesSettled));
        Figure(
            page,
            $"credits per second (a Standard namespace has {report.Credits.StandardLimitPerSecond})",
            Number(report.Credits.PerSecond));
        Figure(page, "credits it would have charged", Number(report.Credits.WouldHaveCharged));
        page.Append(
            "</dl><table><thead><tr><th>entity</th><th>kind</th><th>status</th><th>active</th><th>dead "
                + "letters</th><th>scheduled</th><th>deferred</th><th>oldest</th><th>links</th></tr></thead><tbody>");
        foreach (var entity in report.Entities.Take(MaxRows))
        {
            Row(page, entity);
        }

        page.Append("</tbody></table>");
        if (report.Entities.Count > MaxRows)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p>{MaxRows} of {report.Entities.Count} entities; the JSON has all.</p>");
        }
        page.Append(
            CultureInfo.InvariantCulture,
            $"<p>Credits are <a href=\"{Text(report.Credits.Source)}\">the cloud's</a>: 1 for a send, receive, peek or filter "
                + $"evaluation, 10 for a management operation.</p></body></html>");
        return page.ToString();
    }

    private static void Row(StringBuilder page, StatusEntity entity)
    {
        var dead = entity.DeadLettered > 0 ? " class=\"bad\"" : "";
        page.Append(
            CultureInfo.InvariantCulture,
            $"<tr><td>{Text(entity.Path)}</td><td>{Text(entity.Kind)}</td><td>{Text(entity.Status)}</td><td>{Number(entity.Active)}</td>");
        page.Append(
            CultureInfo.InvariantCulture,
            $"<td{dead}>{Number(entity.DeadLettered)}</td><td>{Number(entity.Scheduled)}</td><td>{Number(entity.Deferred)}</td>");
        var oldest = entity.OldestMessageAgeSeconds is { } age ? Span(TimeSpan.FromSeconds(age)) : "";
        page.Append(CultureInfo.InvariantCulture, $"<td>{oldest}</td><td>{Number(entity.Links)}</td></tr>");
    }

    private static void Figure(StringBuilder page, string name, string value) =>
        page.Append(CultureInfo.InvariantCulture, $"<div><dt>{Text(name)}</dt><dd>{value}</dd></div>");

    private static string Text(string value) => HtmlEncoder.Default.Encode(value);

    private static string Number(double value) => value.ToString("#,0.#", CultureInfo.InvariantCulture);

    private static string Span(TimeSpan span) => span switch
    {
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0.0} d"),
    };
}
