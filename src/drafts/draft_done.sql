done AS (
	SELECT count(*) AS made FROM made
)
SELECT d.made FROM done d
