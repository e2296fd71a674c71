using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Rollcall.Server.Telemetry;

/// <summary>
/// Prometheus' text format 0.0.4. Names are those that Prometheus itself gives to OpenTelemetry metrics: dots become underscores, the unit
/// and, for a counter, <c>_total</c> are appended.
/// </summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(in Batch<Metric> metrics)
    {
        var text = new StringBuilder();
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var metric in metrics)
        {
            var type = TypeOf(metric.MetricType);
            var name = NameOf(metric, type);
            if (!written.Add(name)) continue; // a name is described once; a second instrument of the same name would make the page unreadable

            text.Append("# HELP ").Append(name).Append(' ').Append(Escape(metric.Description, quotes: false)).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
            foreach (ref readonly var point in metric.GetMetricPoints()) Write(text, name, metric.MetricType, point);
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, string name, MetricType type, in MetricPoint point)
    {
        switch (type)
        {
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                Sample(text, name, point.Tags, null, Number(point.GetSumLong()));
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                Sample(text, name, point.Tags, null, Number(point.GetSumDouble()));
                break;
            case MetricType.LongGauge:
                Sample(text, name, point.Tags, null, Number(point.GetGaugeLastValueLong()));
                break;
            case MetricType.DoubleGauge:
                Sample(text, name, point.Tags, null, Number(point.GetGaugeLastValueDouble()));
                break;
            case MetricType.Histogram:
                long below = 0;
                foreach (var bucket in point.GetHistogramBuckets())
                {
                    below += bucket.BucketCount;
                    Sample(text, name + "_bucket", point.Tags, Number(bucket.ExplicitBound), Number(below));
                }

                Sample(text, name + "_sum", point.Tags, null, Number(point.GetHistogramSum()));
                Sample(text, name + "_count", point.Tags, null, Number(point.GetHistogramCount()));
                break;
            default:
                throw new NotSupportedException($"The metric {name} is of the type {type}, which no instrument here makes.");
        }
    }

    private static void Sample(StringBuilder text, string name, ReadOnlyTagCollection tags, string? bound, string value)
    {
        text.Append(name);
        var before = '{';
        foreach (var (key, label) in tags)
        {
            text.Append(before).Append(Plain(key)).Append("=\"").Append(Escape(Text(label), quotes: true)).Append('"');
            before = ',';
        }

        if (bound is not null) text.Append(before).Append("le=\"").Append(bound).Append('"');
        if (before == ',' || bound is not null) text.Append('}');
        text.Append(' ').Append(value).Append('\n');
    }

    private static string TypeOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.Histogram => "histogram",
        _ => "gauge",
    };

    private static string NameOf(Metric metric, string type)
    {
        var unit = metric.Unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            "1" when type == "gauge" => "_ratio",
            _ => "", // what is counted, {item}, is in the name
        };
        return Plain(metric.Name) + unit + (type == "counter" ? "_total" : "");
    }

    private static string Plain(string name) =>
        string.Create(name.Length, name, (plain, from) =>
        {
            for (var i = 0; i < plain.Length; i++) plain[i] = char.IsAsciiLetterOrDigit(from[i]) ? from[i] : '_';
        });

    private static string Text(object? label) => label switch
    {
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(label, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Escape(string text, bool quotes)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
